"""Incidents as people read them at night and programs at any time: one among many, and one whole."""

import io
from datetime import UTC, datetime, timedelta

import pytest
from rich.console import Console

from worker.cli.drawing.incident_page import added, facts, print_incident
from worker.cli.drawing.incident_table import print_incidents
from worker.cli.drawing.wall_clock import WallClock
from worker.domain.alert_summary import AlertSummary
from worker.domain.audit import AuditRecord
from worker.domain.event import Event
from worker.domain.page import Page
from worker.domain.report import Report
from worker.domain.states import LaunchState, StepState
from worker.incidents.history import Attempt, AttemptOutcome, History, StepHistory
from worker.incidents.listing import ListedIncident, listed
from worker.incidents.record import IncidentRecord
from worker.incidents.response import (
    ShownActor,
    ShownEntry,
    ShownEscalation,
    ShownPerson,
    ShownResponse,
    ShownTime,
)

START = datetime(2026, 3, 2, 9, 5, tzinfo=UTC)
UTC_CLOCK = WallClock(utc=True)


def after(seconds):
    return START + timedelta(seconds=seconds)


def history(state=LaunchState.LAUNCHED, *, kind=History, steps=(), event=None, **others):
    return kind(
        incident_id="inc-4h7k2m9xqz",
        key="k",
        state=state,
        event=event or Event(title="Checkout is down", severity=1, service="checkout"),
        received_at=START,
        first_attempt_at=after(0.25),
        launched_at=after(2.5) if state is LaunchState.LAUNCHED else None,
        steps=steps,
        **others,
    )


def alerts(**facts):
    known = {"alerts": 12, "faults": 3, "firing": 2, "first_at": START, "last_at": START, "severity": 1, **facts}
    return AlertSummary(**known)


def step(name, state, **others):
    return StepHistory(name=name, state=state, attempt=1, begun_at=START, **others)


HALF_WAY = (
    step(
        "create-work-item",
        StepState.DONE,
        ended_at=after(1),
        result={"id": 7, "url": "https://boards.example/7"},
        made="work item 7",
    ),
    step("create-channel", StepState.FAILED, ended_at=after(1), error="Forbidden: Grant Channel.Create."),
    step("assign:owner", StepState.BEGUN),
    StepHistory(name="announce", state=StepState.WAITING),
)


def a_try(number, outcome, **others):
    began = after(10 * number)
    given = {"worker": "a-host/7", "began_at": began, "ended_at": began + timedelta(seconds=2), **others}
    return Attempt(number=number, outcome=outcome, **given)


def printed(show, *arguments, width=80):
    console = Console(file=io.StringIO(), width=width, highlight=False, markup=False, emoji=False)
    show(console, *arguments)
    return console.file.getvalue()


def page(record, width=80):
    return printed(print_incident, record, UTC_CLOCK, width=width)


def flat(text):
    return " ".join(text.split())


def table(*histories, width=80):
    return printed(print_incidents, [listed(each) for each in histories], after(3600), width=width)


def test_a_listed_incident_has_a_shape_that_programs_rely_on():
    """The names of `incidents list --json` stay; what is missing is named with its state."""
    told = listed(history(LaunchState.FAILED, steps=HALF_WAY, failure="Forbidden:create-channel. No.", attempts=2))
    assert told.model_dump(mode="json") == {
        "incident_id": "inc-4h7k2m9xqz",
        "key": "k",
        "state": "failed",
        "title": "Checkout is down",
        "severity": 1,
        "service": "checkout",
        "received_at": "2026-03-02T09:05:00Z",
        "first_attempt_at": "2026-03-02T09:05:00.250000Z",
        "launched_at": None,
        "seconds": None,
        "attempts": 2,
        "failure": "Forbidden:create-channel. No.",
        "missing": [
            {"step": "create-channel", "state": "failed"},
            {"step": "assign", "state": "begun"},
            {"step": "announce", "state": "waiting"},
        ],
        "response": None,
    }
    assert listed(history()).seconds == 2.5
    assert listed(history(steps=HALF_WAY)).missing == ()


def test_a_shown_incident_has_a_shape_that_programs_rely_on():
    """The names of `incidents show --json` stay."""
    record = history(
        kind=IncidentRecord,
        steps=HALF_WAY[:1],
        tries=(a_try(1, AttemptOutcome.LAUNCHED),),
        audit=(AuditRecord(action="replay", who="ann@host", at=START, details={"sequence_number": 7}),),
    ).model_dump(mode="json")
    assert set(record) == {
        *("incident_id", "key", "state", "event", "received_at", "first_attempt_at", "launched_at", "attempts"),
        *("failure", "next_try_at", "steps", "alerts", "tries", "audit", "acknowledged", "told", "told_at"),
        *("response", "entries"),
    }
    assert record["steps"] == [
        {
            "name": "create-work-item",
            "state": "done",
            "attempt": 1,
            "begun_at": "2026-03-02T09:05:00Z",
            "ended_at": "2026-03-02T09:05:01Z",
            "result": {"id": 7, "url": "https://boards.example/7"},
            "made": "work item 7",
            "error": None,
            "permanent": False,
            "seconds": 1.0,
        }
    ]
    assert record["tries"] == [
        {
            "number": 1,
            "worker": "a-host/7",
            "began_at": "2026-03-02T09:05:10Z",
            "ended_at": "2026-03-02T09:05:12Z",
            "outcome": "launched",
            "because": "",
        }
    ]
    assert record["audit"] == [
        {"action": "replay", "who": "ann@host", "at": "2026-03-02T09:05:00Z", "details": {"sequence_number": 7}}
    ]


def test_the_list_fits_eighty_columns_and_says_what_is_missing():
    """A long title and a long service give way; each incident that is not launched says which steps it lacks."""
    event = Event(title="A title that goes on and on " * 9, severity=1, service="a-service-with-a-very-long-name")
    shown = table(history(event=event), history(LaunchState.FAILED, steps=HALF_WAY))
    assert max(map(len, shown.splitlines())) <= 80
    assert "inc-4h7k2m9xqz launched                 1   a-servi… 1 h    2.50 s" in shown
    assert "inc-4h7k2m9xqz  failed: create-channel; begun: assign; waiting: announce" in shown


@pytest.mark.parametrize(("seconds", "told"), [(0.5, "0.50 s"), (125, "2 min"), (7_300, "2 h")])
def test_a_list_tells_how_long_a_launch_took(seconds, told):
    """Precisely while it is short, and so that it fits when a launch took hours."""
    launched = history().model_copy(update={"launched_at": after(seconds)})
    assert f"1 h    {told} " in table(launched)


def test_colours_are_for_terminals():
    """What is piped into a file is text alone."""
    assert "\x1b" not in table(history()) + page(history(kind=IncidentRecord))


def test_a_failed_incident_says_what_to_do_next():
    """The page of a launch that failed half-way names each step, the sentence, and the command that goes on."""
    shown = page(history(LaunchState.FAILED, kind=IncidentRecord, steps=HALF_WAY, failure="Forbidden:create-channel."))
    assert "create-work-item        https://boards.example/7" in shown
    assert "Grant Channel.Create." in shown
    assert "tocsin dead-letters replay --incident inc-4h7k2m9xqz --yes" in shown


def test_the_way_of_the_message_is_told():
    """Received, the wait in the queue, every attempt with its end, and the waits between them."""
    tries = (a_try(1, AttemptOutcome.AGAIN, because="announce: Teams was silent."), a_try(2, AttemptOutcome.FAILED))
    shown = flat(page(history(LaunchState.FAILED, kind=IncidentRecord, tries=tries, attempts=2)))
    assert "received 2026-03-02 09:05:00 UTC waited 10.00 s in the queue" in shown
    assert "attempt 1, 2026-03-02 09:05:10 UTC for 2.00 s, by a-host/7: to be tried again: announce: Teams" in shown
    assert "waited 8.00 s attempt 2," in shown
    assert shown.count("the message was dead-lettered") == 1


def test_attempts_that_came_to_no_end_are_told():
    """A worker that was killed leaves no end of its attempt, and one sees that it was there."""
    tries = (a_try(1, AttemptOutcome.AGAIN), a_try(4, AttemptOutcome.AGAIN))
    shown = flat(page(history(LaunchState.LAUNCHING, kind=IncidentRecord, tries=tries, attempts=5)))
    assert "attempts 2 to 3 came to no end" in shown
    assert "attempt 5: still at work, or its worker was stopped" in shown


def test_many_attempts_do_not_bury_the_page():
    """Of an outage's attempts the last ones are shown, and how many there were."""
    tries = tuple(a_try(number, AttemptOutcome.AGAIN) for number in range(901, 1001))
    shown = page(history(LaunchState.LAUNCHING, kind=IncidentRecord, tries=tries, attempts=1000))
    assert "of 1000 attempts, the last 12 that ended:" in shown
    assert shown.count("by a-host/7") == 12


def test_what_people_did_is_told():
    """Who replayed or edited it, when, and with what."""
    audit = (
        AuditRecord(
            action="replay",
            who="ann@host",
            at=START,
            details={"edits": {"service": "web"}, "why": "", "new_message_id": "7"},
        ),
    )
    shown = page(history(kind=IncidentRecord, audit=audit))
    assert '2026-03-02 09:05:00 UTC  replay by ann@host: edits {"service": "web"}\n' in shown
    assert not [line for line in shown.splitlines() if line.startswith("  2026") and line.endswith(" ")]


def test_who_has_it_is_told_in_words():
    """An acknowledgement reads as a sentence."""
    audit = (AuditRecord(action="acknowledge", who="amara.okafor", at=START, details={"through": "link"}),)
    shown = page(history(kind=IncidentRecord, audit=audit))
    assert "2026-03-02 09:05:00 UTC  acknowledged by amara.okafor: through link\n" in shown


@pytest.mark.parametrize("raw", ["\x1b[31mred\nlines", {"alert": "\x1b[31m[bold]x", "list": list(range(100))}])
def test_the_alert_is_shown_as_received_and_is_only_text(raw):
    """Neither its control characters nor its markup reach the terminal, and its length is bounded."""
    shown = page(history(kind=IncidentRecord, event=Event(title="x", raw=raw)))
    assert "\x1b" not in shown
    assert len(shown.splitlines()) < 80
    assert ("more lines: --json shows all" in shown) == isinstance(raw, dict)


def test_lists_of_programs_are_readable_again():
    """What was told can be read back."""
    told = listed(history(LaunchState.FAILED, steps=HALF_WAY))
    assert ListedIncident.model_validate_json(told.model_dump_json()) == told


def test_the_page_counts_the_alerts_and_says_what_they_raised():
    """How many, of how many faults, and how many of these fire; without any there is nothing to say."""
    event = Event(title="Checkout is down", severity=3)
    told = dict(facts(history(event=event, alerts=alerts()), WallClock(utc=True)))
    assert told["alerts"] == "12 alerts of 3 faults, 2 still firing"
    assert told["severity"] == "1 (critical), raised from 3 (medium) by its alerts"
    ended = alerts(alerts=1, faults=1, firing=0, severity=3, resolved_at=START)
    told = dict(facts(history(event=event, alerts=ended), WallClock(utc=True)))
    assert (told["alerts"], told["severity"]) == ("1 alert of 1 fault, all resolved", "3 (medium)")
    assert "alerts" not in dict(facts(history(event=event), WallClock(utc=True)))


def test_what_people_added_is_shown_with_who_and_when():
    """The newest first, with how many there are beside these."""
    reports = (Report(title="Slow", impact="EU\x1b[2J", by="ada@desk", at=START), Report(title="Down?", at=START))
    assert list(added(alerts(reports=reports, more_reports=3), UTC_CLOCK)) == [
        "2026-03-02 09:05:00 UTC by ada@desk: Slow",
        "  EU[2J",
        "2026-03-02 09:05:00 UTC: Down?",
        "and 3 earlier",
    ]
    assert "What people added" in page(history(kind=IncidentRecord, alerts=alerts(reports=reports)))


def test_it_says_who_was_told_by_which_way_and_what_that_answered():
    """Those who were not told stand beside them."""
    told = Page(person="ada@x.example", name="Ada", by="sms", told=True, answer="accepted", why="On call.")
    missed = {"person": "ben@x.example", "name": "Ben", "by": "mention", "told": False, "answer": "not in the team"}
    steps = (
        step("page:ada", StepState.DONE, ended_at=after(1), result=told.model_dump()),
        step("mention:ben", StepState.DONE, ended_at=after(2), result=told.model_copy(update=missed).model_dump()),
    )
    shown = page(history(kind=IncidentRecord, steps=steps, told_at=after(1)))
    assert "Who was told" in shown
    assert "Ada by sms: accepted" in flat(shown)
    assert "Ben NOT by mention: not in the team" in flat(shown)
    assert "NOBODY" not in shown


@pytest.mark.parametrize(
    ("launched_at", "headline"), [(after(2.5), "NOBODY TOLD"), (None, "NOBODY TOLD for")], ids=["done", "tried"]
)
def test_that_nobody_was_told_is_loud(launched_at, headline):
    """In the headline and as a sentence that says what to do; a launch that is still tried says that as well."""
    record = history(LaunchState.NOBODY_TOLD, kind=IncidentRecord).model_copy(update={"launched_at": launched_at})
    shown = page(record)
    assert headline in shown
    assert "Call somebody yourself." in shown


def responding(state, **others):
    given = {"state": state, "since": START, "by": "ben", "severity": 1, "seq": 3, **others}
    return ShownResponse(escalation=ShownEscalation(policy="urgent", round=1, level=1), **given)


BEN = ShownPerson(person="ben", name="Ben Ito")


@pytest.mark.parametrize(
    ("response", "headline"),
    [
        (responding("open"), "launched in 2.50 s; open, nobody has it yet"),
        (responding("acknowledged", owner=BEN), "launched in 2.50 s; acknowledged, Ben Ito has it"),
        (responding("closed", owner=BEN), "launched in 2.50 s; closed"),
    ],
)
def test_the_first_line_says_how_it_stands(response, headline):
    """Whoever reads it on a telephone scrolls no further; what is over calls nobody any more."""
    shown = page(history(kind=IncidentRecord, response=response))
    assert headline in shown.splitlines()[0]
    assert ("escalation:" in shown) is (response.state != "closed")
    assert shown.index("The response") < shown.index("\nseverity ")


def test_times_and_severity_are_shown_as_people_have_corrected_them():
    """What the event said at first stands where it was received."""
    at = ShownTime(value=after(-600), source="person", recorded_at=after(60), by="ben")
    changed = responding("acknowledged", severity=2).model_copy(update={"times": {"occurred_at": at}})
    shown = dict(facts(history(response=changed), UTC_CLOCK))
    assert shown["occurred"].startswith("2026-03-02 08:55:00")
    assert shown["severity"] == "1 (critical); by now 2 (high)"


def an_entry(seq, at, text, *, noted=None, kind="person", source="cli"):
    actor = ShownActor(kind=kind, id="ben", name="the clock" if kind == "clock" else "Ben Ito")
    return ShownEntry(seq=seq, at=at, recorded_at=noted or at, kind="note", actor=actor, text=text, **{"from": source})


def test_what_happened_is_told_in_the_order_in_which_it_did():
    """What was noted later says so; nobody is named twice in a line."""
    entries = (
        an_entry(1, START, "It is open", kind="clock", source="clock"),
        an_entry(2, after(120), "Ben Ito has it."),
        an_entry(3, after(60), "The disk was full", noted=after(600)),
    )
    shown = page(history(kind=IncidentRecord, response=responding("open"), entries=entries), width=200)
    told = [line.split("UTC  ")[1] for line in shown.splitlines() if "UTC  " in line]
    assert told == [
        "It is open (clock)",
        "The disk was full (Ben Ito, cli, noted at 09:15:00 UTC)",
        "Ben Ito has it. (cli)",
    ]
