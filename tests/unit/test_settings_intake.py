"""The settings of the intake name every fault, and never what was set."""

import hashlib

import pytest

from worker.domain.errors import Misconfigured
from worker.domain.sender_rules import SenderRules
from worker.domain.sender_scope import SenderScope
from worker.intake.app import check_listen_address
from worker.settings import Settings

HASH = hashlib.sha256(b"key").hexdigest()
TENANT = "11111111-2222-3333-4444-555555555555"
ENTRA = {"TENANT_ID": TENANT, "INTAKE_ENTRA_AUDIENCE": "api://tocsin"}


@pytest.fixture
def read(monkeypatch):
    """The settings of an environment with these variables."""

    def settings(**variables):
        for name, value in variables.items():
            monkeypatch.setenv(f"TOCSIN_{name}", value)
        return Settings.read(_env_file=None)

    return settings


def test_a_name_may_stand_twice(read):
    """Both keys of a sender hold while one follows the other, and so do its secrets."""
    settings = read(
        INTAKE_KEYS=f"desk={HASH}, desk={'0' * 64},robot={HASH}",
        INTAKE_SIGNING_SECRETS="shop=first of sixteen,shop=second of sixteen=",
    )
    assert settings.intake_keys == (("desk", HASH), ("desk", "0" * 64), ("robot", HASH))
    secrets = [(name, secret.get_secret_value()) for name, secret in settings.intake_signing_secrets]
    assert secrets == [("shop", "first of sixteen"), ("shop", "second of sixteen=")]


@pytest.mark.parametrize(
    ("name", "value", "places"),
    [
        ("INTAKE_KEYS", "hunter2", "1"),
        ("INTAKE_KEYS", f"desk={HASH},desk=hunter2,=hunter2,robot={HASH}x,x={HASH.upper()}", "2, 3, 4, 5"),
        ("INTAKE_SIGNING_SECRETS", "hunter2", "1"),
        ("INTAKE_SIGNING_SECRETS", "=hunter2 and many more", "1"),
        ("INTAKE_SIGNING_SECRETS", "good=good enough a secret,shop=hunter2,shop=", "2, 3"),
    ],
)
def test_every_wrong_entry_is_named_by_its_place(read, name, value, places):
    """What stands for a name may be a secret that was pasted without one."""
    with pytest.raises(Misconfigured) as fault:
        read(**{name: value})
    assert f"TOCSIN_{name}" in str(fault.value)
    assert f"entry {places}." in str(fault.value)
    assert "hunter2" not in str(fault.value)


def test_secrets_are_not_shown():
    """Who prints the settings prints no secret."""
    settings = Settings(_env_file=None, intake_signing_secrets={"shop": "hunter2 and many more"})
    assert "hunter2" not in repr(settings)


@pytest.mark.parametrize(
    ("variables", "named"),
    [
        ({"INTAKE_ENTRA_AUDIENCE": "api://tocsin"}, "TENANT_ID"),
        (ENTRA | {"TENANT_ID": "contoso.onmicrosoft.com"}, "TENANT_ID"),
        (ENTRA | {"INTAKE_ENTRA_APPS": "azure monitor"}, "INTAKE_ENTRA_APPS"),
        (ENTRA | {"INTAKE_ENTRA_APPS": ","}, "INTAKE_ENTRA_APPS"),
        (ENTRA | {"INTAKE_ENTRA_AUTHORITY": "http://login.evil.example"}, "INTAKE_ENTRA_AUTHORITY"),
        (ENTRA | {"INTAKE_ENTRA_AUTHORITY": "login.microsoftonline.com"}, "INTAKE_ENTRA_AUTHORITY"),
        (ENTRA | {"INTAKE_ENTRA_ROLE": ""}, "INTAKE_ENTRA_ROLE"),
    ],
)
def test_what_would_let_the_wrong_ones_in_is_refused(read, variables, named):
    """Tokens are judged by complete settings or not at all."""
    with pytest.raises(Misconfigured, match=f"TOCSIN_{named}"):
        read(**variables)


def test_azure_monitors_own_app_is_the_default(read):
    """Whoever turns tokens on lets action groups in, and nobody else."""
    settings = read(**ENTRA)
    assert settings.intake_entra_apps == ("461e8683-5575-4561-ac7f-899cc907d62a",)
    assert settings.intake_entra_authority == "https://login.microsoftonline.com"


@pytest.mark.parametrize(
    "variables", [{"INTAKE_KEYS": f"desk={HASH}"}, {"INTAKE_SIGNING_SECRETS": "shop=a secret of the shop"}, ENTRA]
)
def test_any_way_to_tell_who_sends_opens_the_address(read, variables):
    """An intake that asks who sends may stand in the open, by whatever it asks."""
    check_listen_address(read(**variables), "0.0.0.0")


SENDERS = """
desk: {services: [checkout], may-read: all}
robot:
  may-end: all
  rate: 30/10m
"""
ONLY_KEYS = {"INTAKE_KEYS": f"desk={HASH},robot={'0' * 64}"}


@pytest.mark.parametrize("form", ["yaml", "json", "file"])
def test_what_senders_may_do_is_read_from_a_text_or_a_file(read, tmp_path, form):
    """In YAML or JSON; a sender of whom nothing is said has the defaults."""
    (tmp_path / "senders.yaml").write_text(SENDERS)
    in_json = '{"desk": {"services": ["checkout"], "may-read": "all"}, "robot": {"may-end": "all", "rate": "30/10m"}}'
    text = {"yaml": SENDERS, "json": in_json, "file": str(tmp_path / "senders.yaml")}[form]
    settings = read(**ONLY_KEYS, INTAKE_SENDERS=text)
    desk, robot = settings.sender_rules("desk"), settings.sender_rules("robot")
    assert desk.scope == SenderScope(services=("checkout",), reads_all=True)
    assert (robot.scope, str(robot.rate)) == (SenderScope(ends_all=True), "30 in 0:10:00")
    assert settings.sender_rules("other") == SenderRules("other")
    assert [str(settings.rate_of(name)) for name in ("robot", "desk")] == ["30 in 0:10:00", "100 in 0:10:00"]


def test_nothing_is_said_by_an_empty_text(read):
    """A variable that a platform sets to nothing."""
    assert read(INTAKE_SENDERS=" ").intake_senders == ()


def test_a_worker_that_knows_no_keys_reads_of_any_sender(read):
    """The same text is given to the intake and the workers."""
    assert [rules.name for rules in read(INTAKE_SENDERS=SENDERS).intake_senders] == ["desk", "robot"]


def test_apps_of_entra_are_senders_too(read):
    """By their ids, in whatever letters."""
    app = "461E8683-5575-4561-AC7F-899CC907D62A"
    settings = read(**ENTRA, INTAKE_SENDERS=f'{{"entra:{app}": {{"may-read": "all"}}}}')
    assert settings.sender_rules(f"entra:{app.lower()}").scope.reads_all


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{desc: {may-read: all}}", "no key, secret or app is known of desc; known are: desk, robot"),
        ("{desk: {may-read: everything}, robot: {rights: 1}}", "desk.may-read: must be all or own"),
        ("{desk: {may-read: everything}, robot: {rights: 1}}", "robot.rights: is no field"),
        ("{desk: {}, desk: {}}", "line 1: desk stands here for the second time"),
        ("{desk: {", "line 1: this is no YAML"),
        ("{desk: {}}\n---\n{robot: {}}", "must be one document"),
        ("/nowhere/senders.yaml", "the file of senders cannot be read"),
    ],
)
def test_what_is_wrong_with_senders_is_named(read, text, words):
    """With the setting, the sender and the field."""
    with pytest.raises(Misconfigured) as fault:
        read(**ONLY_KEYS, INTAKE_SENDERS=text)
    assert "TOCSIN_INTAKE_SENDERS" in str(fault.value)
    assert words in str(fault.value)


def test_a_file_of_senders_is_not_read_without_end(read, tmp_path):
    """However long it is."""
    (tmp_path / "long.yaml").write_text("#" * 1_000_001)
    with pytest.raises(Misconfigured, match="longer than 1,000,000 characters"):
        read(INTAKE_SENDERS=str(tmp_path / "long.yaml"))


@pytest.mark.parametrize("setting", ["INTAKE_KEYS", "INTAKE_SIGNING_SECRETS"])
@pytest.mark.parametrize("name", ["\u200b", "de\u202esk", "d" * 257])
def test_a_senders_name_is_one_that_people_see(read, setting, name):
    """What would become nobody's name, or another's, on its way through an event is refused."""
    with pytest.raises(Misconfigured, match="entry 2"):
        read(**{setting: f"desk={HASH},{name}={HASH}"})
