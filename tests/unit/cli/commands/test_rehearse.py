"""`tocsin roster rehearse` tells who would be told, with a file alone, and tells nobody."""

import io
import json
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from escalations import case, level

from worker.__main__ import main

VECTORS = json.loads((Path(__file__).parents[2] / "oncall" / "examples" / "on-call-vectors.json").read_text())
ROTA = """
people:
  ada: {name: Ada Okafor, email: ada@contoso.example, phone: +49 30 1234567, paging: "1=webhook:pager+sms, 2-5=chat"}
services:
  checkout: {policies: [urgent, calm]}
policies:
  urgent:
    severities: [1, 2]
    levels:
      - {notify: ["role:commander"], wait: 5 min}
      - {notify: ["person:ada", "person:ben@contoso.example"], wait: 10 min}
  calm:
    severities: [3]
    levels: [{notify: ["person:ada"], wait: 1 h}]
    last_resort: ["person:ada"]
"""
EVENTS = """
- {at: 2027-05-05T10:03Z, type: acknowledge, by: ada}
- {at: 2027-05-05T10:09Z, type: role, role: commander, person: ada}
"""
NOBODY = "policies: {all: {levels: [{notify: nobody, wait: 5 min}]}}"
SNOOZED = "events:\n- {at: 2027-05-05T10:03Z, type: snooze}\n"


@pytest.fixture
def run(monkeypatch, capsys, tmp_path):
    """Run the command on a file with this text: its exit code, standard output and standard error."""

    def run(text, *options, stdin=""):
        file = ()
        if text is not None:
            name = "case.json" if text[:1] in {"{", "["} else "case.yaml"
            (tmp_path / name).write_text(text)
            file = ("--file", name)
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin.encode())))
        monkeypatch.setattr(sys, "argv", ["tocsin", "roster", "rehearse", *file, *options])
        with pytest.raises(SystemExit) as ended:
            main()
        told = capsys.readouterr()
        return ended.value.code or 0, told.out, told.err

    return run


@pytest.mark.parametrize("case", VECTORS["escalations"], ids=lambda case: case["name"])
def test_a_case_is_answered_in_its_own_form(run, case):
    """As it stands, with its name, its reasons and what is expected of it."""
    code, out, err = run(json.dumps(case), "--json")
    assert (code, err) == (0, "")
    assert json.loads(out) == {"told": case["expect"], "end": case["end"]}


def test_people_read_a_line_for_each_level(run):
    """When, whom, by which way that leads to them and why; what is passed over, and how it stands at the end."""
    code, out, _ = run(ROTA, "checkout", "--severity", "1", "--at", "2027-05-05T10:00Z", "--utc")
    assert code == 0
    text = " ".join(out.split())
    assert "2027-05-05 10:00 UTC level 1 is skipped: nobody has the role commander" in text
    assert (
        "2027-05-05 10:00 UTC level 2: Ada Okafor (webhook:pager + sms), ben@contoso.example (mention), "
        "because it was opened" in text
    )
    assert (
        "2027-05-05 10:10 UTC last resort: NOBODY, because Ada Okafor and ben@contoso.example have not answered for "
        "10 minutes" in text
    )
    assert text.endswith(
        "2027-05-12 10:00 UTC it stands triggered: severity 1, policy urgent, nobody has it; nobody else will be told"
    )


def test_events_come_from_standard_input_or_a_file(run, tmp_path):
    """They stand where they happen, whoever had it behind them."""
    (tmp_path / "events").write_text(EVENTS)
    options = ("checkout", "--severity", "high", "--at", "2027-05-05T10:00Z", "--until", "2027-05-05T12:00Z", "--utc")
    assert run(ROTA, *options[:5], "--until", "2h", "--utc") == run(ROTA, *options)
    by_file = run(ROTA, *options, "--events", "events")
    assert run(ROTA, *options, "--events", "-", stdin=EVENTS) == by_file
    text = " ".join(by_file[1].split())
    assert "10:03 UTC acknowledge by Ada Okafor" in text
    assert "10:09 UTC role commander is Ada Okafor" in text
    assert text.endswith("12:00 UTC it stands acknowledged: severity 2, policy urgent, Ada Okafor has it")


def test_options_count_before_what_the_file_says(run):
    """The severity, the service, the opening and the end."""
    policies = {"all": {"levels": [level("5 min", "person:ada")]}}
    given = json.dumps(case(policies))
    options = ("--severity", "4", "--at", "2027-05-06T10:00Z", "--until", "2027-05-06T10:04Z", "--json")
    told = json.loads(run(given, *options)[1])
    assert told["told"] == [{"at": "2027-05-06T10:00Z", "round": 1, "level": 1, "people": ["ada"]}]
    assert told["end"]["severity"] == 4


def test_without_options_it_is_opened_now_with_the_severity_that_a_report_has(run):
    """Medium, as for `tocsin raise`."""
    before = datetime.now(UTC).replace(second=0, microsecond=0)
    told = json.loads(run(ROTA, "checkout", "--json")[1])
    assert told["end"]["policy"] == "calm"
    assert before <= datetime.fromisoformat(told["told"][0]["at"]) <= datetime.now(UTC)


def test_a_service_that_is_not_known_is_said_to_be_none(run):
    """It may be mistyped; those of `default` count."""
    code, out, err = run(ROTA, "chekout", "--json")
    assert code == 0
    assert "there is no service 'chekout'" in err
    assert json.loads(out)["end"]["policy"] is None
    assert run(ROTA, "Checkout", "--json")[2] == ""


def test_what_stands_in_the_file_is_text(run):
    """Neither markup nor what a terminal acts on."""
    code, out, _ = run(json.dumps(case({"[red]all\x1b": {"levels": [level("5 min", "person:[bold]ada\x9b")]}})))
    assert code == 0
    assert "[bold]ada (mention" in out
    assert "policy [red]all," in out
    assert not {"\x1b", "\x9b"} & set(out)


@pytest.mark.parametrize(
    ("text", "options", "words"),
    [
        (None, ("--file", "missing.json"), "missing.json cannot be read: No such file"),
        ("[]", (), "line 1: it is a list"),
        ("{x", (), "line 1: this is no JSON"),
        ("a: [", (), "this is no YAML"),
        ("a: 1\n---\nb: 2", (), "line 2: a second document"),
        ("", (), "it is empty"),
        (
            "policies: {all: {levels: [{notify: nobody, wait: 5 min}]}}",
            (),
            "line 1, policies.all.levels[0].notify[0]: 'nobody'",
        ),
        (
            "policies: {all: {levels: [{notify: 'person:ada', wait: soon}]}}",
            (),
            "line 1, policies.all.levels[0].wait: 'soon' is no time",
        ),
        (ROTA, ("--events", "missing"), "missing cannot be read"),
        (ROTA, ("--events", "case.yaml"), "The events of case.yaml cannot be rehearsed"),
        (
            ROTA + "events:\n- {at: 2027-05-05T10:03Z, type: snooze}\n",
            (),
            "line 17, events[0].type: 'snooze' is nothing",
        ),
        (ROTA, ("--at", "2027-05-05T10:00Z", "--until", "2029-05-05T10:00Z"), "within 400 days"),
        ("x" * (2 * 1024 * 1024 + 1), (), "larger than 2048 KB"),
    ],
)
def test_what_cannot_be_rehearsed_is_said_in_a_sentence(run, text, options, words):
    """With its field, and without a traceback."""
    code, out, err = run(text, *options)
    assert (code, out) == (1, "")
    assert words in err
    assert "Traceback" not in err


def test_wrong_use_is_two(run):
    """As everywhere."""
    assert run(ROTA, "--severity", "9")[0] == 2
    assert run(ROTA, "--at", "yesterday")[0] == 2
    assert run(ROTA, "--until", "later")[0] == 2


def test_a_time_without_an_offset_is_the_schedules(run):
    """Whatever this machine's clock says; and what was taken is said."""
    schedules = "schedules: {checkout: {time_zone: Australia/Lord_Howe, layers: [{people: [ada]}]}}"
    code, out, err = run(ROTA + schedules, "checkout", "--at", "2027-05-05T20:30", "--until", "2h", "--json")
    assert (code, json.loads(out)["told"][0]["at"]) == (0, "2027-05-05T10:00Z")
    assert "2027-05-05 20:30 is taken for the time of Australia/Lord_Howe." in err
