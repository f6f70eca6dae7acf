"""What the alerts of an incident come to, in whatever order they came."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.domain.alert_record import AlertRecord
from worker.domain.alert_summary import AlertSummary, summarised
from worker.domain.digest import Digest
from worker.domain.event import EventType, Severity
from worker.domain.report import Report
from worker.domain.sender_scope import SenderScope

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
TRIGGER, RESOLVE, ACKNOWLEDGE = EventType.TRIGGER, EventType.RESOLVE, EventType.ACKNOWLEDGE
UNREPORTED = EventType.NO_LONGER_REPORTED


def minutes(number):
    return None if number is None else NOON + timedelta(minutes=number)


def told(kind=TRIGGER, received=0, *, began=None, ended=None, number=None, identity="f", severity=3, **others):
    id = number or f"{identity}{kind}{received}{began}{ended}"  # noqa: A001 (the field's name)
    times = {"received_at": minutes(received), "occurred_at": minutes(began), "ended_at": minutes(ended)}
    facts = {"title": "down", **times, **others}
    return AlertRecord(id, kind, identity, Severity(severity), **facts)


alerts = st.builds(
    told,
    st.sampled_from([TRIGGER, RESOLVE, ACKNOWLEDGE, UNREPORTED]),
    st.integers(0, 9),
    began=st.none() | st.integers(0, 9),
    ended=st.none() | st.integers(0, 9),
    identity=st.sampled_from("fgh"),
    severity=st.integers(1, 5),
    resources=st.lists(st.sampled_from(["a", "b", "c"]), max_size=2).map(tuple),
    because=st.sampled_from(["", "the same", "it agrees"]),
)
# What comes twice under one id is the same.
many = st.lists(alerts, max_size=12, unique_by=lambda each: each.id)


@given(many, st.data())
def test_the_order_and_duplicates_do_not_matter(given, data):
    """Every permutation, with some of them told twice, comes to the same."""
    again = data.draw(st.lists(st.sampled_from(given), max_size=5)) if given else []
    shuffled = data.draw(st.permutations([*given, *again]))
    assert summarised(shuffled) == summarised(given)


@given(many)
def test_the_numbers_agree_with_each_other(given):
    """No more fire than are faults, no more faults than alerts; and resolved is what has nothing that fires."""
    summary = summarised(given)
    firings = [each for each in given if each.type is TRIGGER]
    assert (summary is None) == (not firings)
    if summary is not None:
        assert summary.unreported <= summary.firing <= summary.faults <= summary.alerts == len(firings)
        assert (summary.resolved_at is None) == (summary.firing > 0)
        assert summary.severity == min(each.severity for each in firings)
        assert AlertSummary.model_validate_json(summary.model_dump_json()).mark == summary.mark


def test_all_are_counted_and_the_worst_is_named():
    """How many, of what, from when to when, on what."""
    summary = summarised(
        [
            told(received=3, identity="f", severity=3, resources=("a", "b")),
            told(received=1, identity="g", severity=2, title="worse", resources=("b",), began=0),
            told(received=2, identity="g", severity=2, title="as bad"),
        ]
    )
    assert (summary.alerts, summary.faults, summary.firing) == (3, 2, 2)
    assert (summary.first_at, summary.last_at) == (minutes(0), minutes(3))
    assert (summary.severity, summary.worst) == (2, "worse")
    assert summary.resources == ("b", "a")


def test_what_is_no_longer_reported_has_not_resolved():
    """It fires on as far as anybody knows, and why is told; what fires anew is measured again, and an end is an end."""
    fired, gone = told(began=0), told(UNREPORTED, 3, ended=2, state_reason="MissingSeries")
    lost = summarised([fired, gone])
    assert (lost.firing, lost.unreported, lost.resolved_at) == (1, 1, None)
    assert lost.unreported_because == ("MissingSeries",)
    again = summarised([fired, gone, told(received=5, began=4)])
    assert (again.firing, again.unreported, again.unreported_because) == (1, 0, ())
    over = summarised([fired, gone, told(RESOLVE, 6, ended=6)])
    assert (over.firing, over.unreported) == (0, 0)
    assert len({each.mark for each in map(summarised, ([fired], [fired, gone]))}) == 2


def test_what_was_left_out_of_a_call_is_told_with_all_alerts():
    """Each alert of the call says the same number, and other calls may have left out the same alerts."""
    summary = summarised([told(left_out=40, number="a"), told(left_out=40, number="b"), told(left_out=7, number="c")])
    assert summary.left_out == 40
    assert summary.mark != summarised([told(number="a"), told(number="b"), told(number="c")]).mark


def test_an_incident_resolves_when_its_sender_says_that_it_did():
    """The latest end, and never one that lies in the future of whoever was told of it."""
    fired = told(began=0)
    assert summarised([fired, told(RESOLVE, 9, ended=4), told(RESOLVE, 8, ended=3)]).resolved_at == minutes(4)
    assert summarised([fired, told(RESOLVE, 9, ended=4_000)]).resolved_at == minutes(9)


def test_many_resources_are_named_in_part():
    """The rest is counted."""
    summary = summarised([told(resources=tuple(f"host-{number}" for number in range(25)))])
    assert (len(summary.resources), summary.more_resources) == (20, 5)


def test_many_reasons_are_kept_in_part():
    """The most frequent ones: what is stored of them has its limit, whatever senders write."""
    alerts = [told(received=number, number=str(number), because=f"reason {number // 2}") for number in range(40)]
    summary = summarised([*alerts, told(received=50, because="once")])
    assert len(summary.reasons) == 8
    assert set(summary.reasons.values()) == {2}


def test_an_end_told_again_changes_nothing_for_people():
    """Some senders repeat it; the mark says whether there is anything new to tell."""
    fired, ended = told(began=0), told(RESOLVE, 1, began=0)
    before = summarised([fired, ended])
    after = summarised([fired, ended, told(RESOLVE, 7, began=0)])
    assert before.resolved_at != after.resolved_at
    assert before.mark == after.mark
    assert summarised([fired]).mark != before.mark
    assert Digest(summary=before, reopen=timedelta()).mark == before.mark


def test_the_same_fact_told_again_is_one_until_its_end():
    """A sender that repeats what names a fault, and no time, adds nothing; after the end it is another firing."""
    again = [told(received=number, number=str(number), fact="down") for number in range(3)]
    other = told(received=3, number="other", fact="worse")
    ended = told(RESOLVE, 4)
    later = [told(received=number, number=str(number), fact="down") for number in (5, 6)]
    assert [summarised(given).alerts for given in (again, [*again, other], [*again, ended, *later])] == [1, 2, 2]
    assert summarised([*again, ended]).firing == 0
    assert summarised([*again, ended, *later]).firing == 1


def test_an_acknowledgement_is_no_end():
    """It is told, and everything fires on."""
    summary = summarised([told(), told(ACKNOWLEDGE, 1)])
    assert (summary.firing, summary.acknowledged_at) == (1, minutes(1))


def reported(number, severity=5):
    report = Report(title=f"report {number}", at=minutes(number))
    facts = {"title": report.title, "received_at": minutes(number), "report": report}
    return AlertRecord(f"r{number}", EventType.REPORT, "", Severity(severity), **facts)


def test_reports_are_told_and_counted_as_no_alert():
    """The newest few with their words, the others by their number; they may raise the severity, and never fire."""
    summary = summarised([told(), *map(reported, range(7)), reported(9, severity=1)])
    assert [each.title for each in summary.reports] == ["report 9", "report 6", "report 5", "report 4", "report 3"]
    assert (summary.more_reports, summary.alerts, summary.faults, summary.firing) == (3, 1, 1, 1)
    assert (summary.severity, summary.worst) == (Severity.CRITICAL, "report 9")


def test_a_further_report_is_something_new_to_tell():
    """Its mark differs, so that the note is changed."""
    assert summarised([told(), reported(1)]).mark != summarised([told(), reported(1), reported(2)]).mark


ENDS_ALL = SenderScope(ends_all=True)


@pytest.mark.parametrize(
    ("end", "firing"),
    [
        ({"sender": "a"}, 0),
        ({"sender": "b"}, 1),
        ({"sender": "b", "sender_scope": ENDS_ALL}, 0),
        ({"sender": "b", "sender_scope": SenderScope(services=("checkout",))}, 0),
        ({"sender": "b", "sender_scope": SenderScope(services=("search",))}, 1),
        ({"sender": ""}, 0),
        ({}, 0),
    ],
)
@pytest.mark.parametrize("kind", [RESOLVE, ACKNOWLEDGE, UNREPORTED])
def test_an_end_reaches_what_its_sender_may_end(kind, end, firing):
    """Of the same fingerprint, told by another: its ends, its acknowledgements, and that it is no longer reported."""
    opened = told(sender="a", service="checkout", opened=True)
    summary = summarised([opened, told(kind, 1, **end)])
    reached = {
        RESOLVE: summary.firing == 0,
        ACKNOWLEDGE: summary.acknowledged_at is not None,
        UNREPORTED: summary.unreported == 1,
    }
    assert reached[kind] == (firing == 0)


def test_each_of_two_senders_ends_its_own():
    """Only when both have told the end is it over."""
    firings = [told(sender="a", number="1"), told(sender="b", number="2")]
    ends = [told(RESOLVE, 1, sender="a"), told(RESOLVE, 2, sender="b", number="4")]
    assert summarised([*firings, ends[0]]).resolved_at is None
    assert summarised([*firings, *ends]).resolved_at is not None


def test_who_joined_acknowledges_no_incident_of_another():
    """Though it has a fault of its own in it."""
    opened, joined = told(sender="a", opened=True), told(sender="b", identity="g")
    acknowledged = told(ACKNOWLEDGE, 1, sender="b", identity="g")
    assert summarised([opened, joined, acknowledged]).acknowledged_at is None


def test_what_was_told_before_it_was_noted_by_whom_is_ended_by_everybody():
    """As it was then."""
    assert summarised([told(), told(RESOLVE, 1, sender="b")]).firing == 0
