"""The settings as a whole: what they say of themselves, and what can be no port."""

import pytest

from worker.domain.errors import Misconfigured
from worker.settings import Settings

PASSWORD = "hunter2-hunter2"
ADDRESSES = [
    name
    for name, field in Settings.model_fields.items()
    if "Matching" in repr(field.metadata) + repr(field.annotation) or name == "otlp_endpoint"
]


@pytest.mark.parametrize("name", ADDRESSES)
@pytest.mark.parametrize(
    "address", [f"https://u:{PASSWORD}@h.example/x", f"https://h.example/x?sig={PASSWORD}", f"https://{PASSWORD}@h/"]
)
def test_what_opens_an_address_is_not_shown(name, address):
    """Neither in what a traceback shows of the settings, nor in what prints them; used it is as it was given."""
    settings = Settings(_env_file=None, **{name: address, "sms_from": "+15005550100"})
    assert PASSWORD not in repr(settings) + str(settings)
    assert PASSWORD in getattr(settings, name)


@pytest.mark.parametrize(
    "given",
    [
        {"OTEL_EXPORTER_OTLP_ENDPOINT" if name == "otlp_endpoint" else name: address}
        for name in ADDRESSES
        for address in ("https://h.example:99999/x", "https://u:1@h:65536", "http://[::1]:70000/")
    ]
    + [
        {"servicebus_connection_string": "Endpoint=sb://h:99999/;SharedAccessKeyName=n;SharedAccessKey=a2V5"},
        {"tables_connection_string": "AccountName=a;AccountKey=a2V5;TableEndpoint=http://127.0.0.1:99999/a;"},
        {"health_port": 99999},
    ],
    ids=str,
)
def test_a_port_that_does_not_exist_is_named_with_its_setting(given):
    """The start ends with a sentence, and not with a traceback at the first call."""
    [name] = given
    variable = name if name.isupper() else f"TOCSIN_{name.upper()}"
    with pytest.raises(Misconfigured, match=rf"{variable}: .*(99999|65536|70000).*1 to 65535"):
        Settings.read(_env_file=None, **given)


def test_all_wrong_ports_are_named_together():
    """Whoever mends one does not find the next at the next start."""
    with pytest.raises(Misconfigured, match=r"TABLES_ENDPOINT.*HEALTH_PORT") as refusal:
        Settings.read(_env_file=None, tables_endpoint="https://h:99999", health_port=-1)
    assert "slots" not in str(refusal.value)


@pytest.mark.parametrize(
    "address", ["https://h.example:443", "https://u:99999@h/x", "http://[::1]/", "https://h/a:99999"]
)
def test_what_only_looks_like_a_port_is_none(address):
    """A password, a path or a part of an address of the sixth version may be any number."""
    Settings.read(_env_file=None, graph_url=address)


def test_a_part_of_a_password_is_not_told_as_a_port():
    """What stands where a port would be is not repeated unless it is a number."""
    with pytest.raises(Misconfigured, match=r"TOCSIN_GRAPH_URL: the port in the address is no number") as refusal:
        Settings.read(_env_file=None, graph_url=f"https://u:{PASSWORD}/w@h/")
    assert PASSWORD not in str(refusal.value)
