"""Settings of the ways to reach a person: whole or refused with their names, and never with what is secret."""

import re
from datetime import timedelta

import pytest

from worker.domain.errors import Misconfigured
from worker.domain.event import Severity
from worker.settings import Settings, sms_connection

KEY = "dGhlIGtleQ=="


def read(**given):
    return Settings.read(_env_file=None, **given)


def test_a_connection_string_is_read_as_the_portal_shows_it():
    """Names in any case, the endpoint with or without its last slash."""
    assert sms_connection(f"Endpoint=https://a.example/;AccessKey={KEY}") == ("https://a.example", KEY)


@pytest.mark.parametrize(
    "text",
    [
        "x",
        f"accesskey={KEY}",
        f"endpoint=a.example;accesskey={KEY}",
        "endpoint=https://a.example;accesskey=secret!",
        "endpoint=https://a.example;accesskey=",
        f"endpoint=https://127.0.0.1@a.example;accesskey={KEY}",
    ],
)
def test_a_connection_string_that_leads_nowhere_is_refused_without_it(text):
    """The fault names the variable, and shows nothing of the value."""
    with pytest.raises(Misconfigured, match="TOCSIN_SMS_CONNECTION_STRING: must be ") as caught:
        read(sms_connection_string=text, sms_from="Tocsin")
    assert "a.example" not in str(caught.value)
    assert "secret!" not in str(caught.value)


@pytest.mark.parametrize(
    "given",
    [{"sms_connection_string": f"endpoint=https://a.example;accesskey={KEY}"}, {"sms_endpoint": "https://a.example"}],
)
def test_sms_need_a_sender(given):
    """Both variables are named."""
    (name,) = given
    with pytest.raises(Misconfigured, match=f"TOCSIN_SMS_FROM: .*TOCSIN_{name.upper()} is set"):
        read(**given)


@pytest.mark.parametrize("sender", ["+15005550100", "12345", "Tocsin", "Night Desk"])
def test_a_sender_is_a_number_a_short_code_or_a_name(sender):
    """As Azure takes them."""
    assert read(sms_from=sender).sms_from == sender


@pytest.mark.parametrize("sender", ["+0", "0049 30 12345678", "Tocsin!", "a name that is too long"])
def test_a_sender_of_another_form_is_refused(sender):
    """At the start, not at night."""
    with pytest.raises(Misconfigured, match="TOCSIN_SMS_FROM: must be a number"):
        read(sms_from=sender)


IN_THE_CLEAR = {
    "TOCSIN_SMS_ENDPOINT": {"sms_endpoint": "http://127.0.0.1.a.example"},
    "TOCSIN_SMS_CONNECTION_STRING": {"sms_connection_string": f"endpoint=http://a.example;accesskey={KEY}"},
    "TOCSIN_INTAKE_URL": {"intake_url": "http://a.example"},
    r"TOCSIN_PAGING_WEBHOOKS \(night\)": {
        "paging_webhooks": "night=http://a.example/token",
        "paging_webhook_secrets": "night=a secret of text",
    },
}


@pytest.mark.parametrize(("name", "given"), IN_THE_CLEAR.items(), ids=list(IN_THE_CLEAR))
def test_an_address_is_encrypted_but_for_stand_ins(name, given):
    """What would be of use to whoever reads along does not cross a network in the clear."""
    with pytest.raises(Misconfigured, match=f"{name}: must be https") as caught:
        read(sms_from="Tocsin", **given)
    assert "a.example" not in str(caught.value)
    assert read(sms_from="Tocsin", credential="anonymous", graph_url="http://127.0.0.1", **given)
    near = {field: re.sub(r"[\w.]*a\.example", "localhost", text) for field, text in given.items()}
    assert read(sms_from="Tocsin", **near)


SECRET = "a secret of text"


def test_webhooks_are_read_by_name_and_may_have_two_secrets():
    """An address may hold what an entry is taken apart by."""
    settings = read(
        paging_webhooks="night=https://a.example/x?y=z",
        paging_webhook_secrets=f"night={SECRET},night=whsec_" + "A" * 24,
    )
    assert [(name, url.get_secret_value()) for name, url in settings.paging_webhooks] == [
        ("night", "https://a.example/x?y=z")
    ]
    assert len(settings.paging_webhook_secrets) == 2
    assert "a.example" not in repr(settings)


@pytest.mark.parametrize(
    "entry",
    [
        "Night=https://a.example",
        "https://a.example",
        "night=https://",
        "night=ftp://a.example",
        "night=https://user:word@a.example",
        "night=https://a.example:x",
        "night=https://a.example/é",
    ],
)
def test_a_webhook_that_leads_nowhere_is_named_by_its_place(entry):
    """What stands there may be a secret, so only the number of the entry is said."""
    with pytest.raises(Misconfigured, match=r"TOCSIN_PAGING_WEBHOOKS: .*entry 2") as caught:
        read(paging_webhooks=f"up=https://b.example,{entry}", paging_webhook_secrets=f"up={SECRET}")
    assert "a.example" not in str(caught.value)


@pytest.mark.parametrize("secret", ["short", "whsec_c2hvcnQ=", "whsec_no base64 at all!"])
def test_a_secret_that_is_none_is_named_by_its_place(secret):
    """The value is never shown."""
    with pytest.raises(Misconfigured, match=r"TOCSIN_PAGING_WEBHOOK_SECRETS: .*entry 1") as caught:
        read(paging_webhooks="night=https://a.example", paging_webhook_secrets=f"night={secret}")
    assert secret not in str(caught.value)


@pytest.mark.parametrize(
    ("webhooks", "secrets", "said"),
    [
        ("night=https://a.example", "", "TOCSIN_PAGING_WEBHOOK_SECRETS: a secret is missing for night"),
        ("", f"night={SECRET}", "TOCSIN_PAGING_WEBHOOKS: there is a secret and no address for night"),
        ("night=https://a.example,night=https://b.example", f"night={SECRET}", "each name stands once; not so: night"),
    ],
)
def test_every_webhook_stands_once_and_has_a_secret(webhooks, secrets, said):
    """Which one it is about is said by its name."""
    with pytest.raises(Misconfigured, match=said):
        read(paging_webhooks=webhooks, paging_webhook_secrets=secrets)


def test_the_default_wakes_for_what_is_severe():
    """An SMS for critical and high, a mention for all."""
    ways = Settings.read(_env_file=None).paging
    assert ways.for_severity(Severity.HIGH) == ("mention", "sms")
    assert ways.for_severity(Severity.MEDIUM) == ("mention",)


def test_the_variable_is_read_like_the_column(monkeypatch):
    """In any case, with blanks."""
    monkeypatch.setenv("TOCSIN_PAGING", "Critical = Webhook: Pager")
    assert Settings.read(_env_file=None).paging.for_severity(Severity.CRITICAL) == ("webhook:pager",)


def test_ways_that_nobody_knows_stop_the_start(monkeypatch):
    """The sentence names the variable and the word."""
    monkeypatch.setenv("TOCSIN_PAGING", "1=pigeon")
    with pytest.raises(Misconfigured, match="TOCSIN_PAGING: 'pigeon' is no way"):
        Settings.read(_env_file=None)


def test_a_secret_of_links_cannot_be_guessed():
    """And it is not shown when it is refused."""
    with pytest.raises(Misconfigured, match="TOCSIN_LINK_SECRET: must have at least 16") as caught:
        read(link_secret="too short")
    assert "too short" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("SMS_ENDPOINT", {"sms_endpoint": "https://a.example"}),
        ("SMS_CONNECTION_STRING", {"sms_connection_string": f"endpoint=https://a.example;accesskey={KEY}"}),
        ("PAGING_WEBHOOKS", {"paging_webhooks": "up=https://a.example", "paging_webhook_secrets": f"up={SECRET}"}),
    ],
)
def test_nobody_is_paged_for_real_where_all_else_is_a_stand_in(name, given):
    """An anonymous credential goes with no https address of a way to people; the intake's own may have one."""
    stand_ins = {"credential": "anonymous", "graph_url": "http://127.0.0.1", "sms_from": "Tocsin"}
    with pytest.raises(Misconfigured, match=f"stand-ins only, and TOCSIN_{name}"):
        read(**stand_ins, **given)
    assert read(**stand_ins, intake_url="https://a.example")


@pytest.mark.parametrize(
    ("given", "hours"), [("", None), ("off", None), ("On", 48), ("24h", 24), ("0h", 0), (" 336 h", 336)]
)
def test_messages_about_shifts_are_switched_on_with_how_long_before(given, hours):
    """Two days unless it is said; off where nothing is."""
    read = Settings.read(_env_file=None, shift_messages=given).shift_messages
    assert read == (None if hours is None else timedelta(hours=hours))
    assert Settings.read(_env_file=None).shift_messages is None


@pytest.mark.parametrize("given", ["yes", "48", "337h", "-1h", "1d", "1.5h"])
def test_a_time_before_shifts_that_is_none_is_refused(given):
    """With what to write instead."""
    with pytest.raises(Misconfigured, match=r"TOCSIN_SHIFT_MESSAGES: must be off, on, or how long"):
        Settings.read(_env_file=None, shift_messages=given)
