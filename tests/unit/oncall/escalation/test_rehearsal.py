"""Whatever policy, whatever happens: what holds of every escalation, and of one that is taken up in the middle."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from escalations import case, level, parts, rehearsed
from hypothesis import given, settings
from hypothesis import strategies as st

from worker.oncall.escalation.event import Event, EventType
from worker.oncall.escalation.notification import Notification
from worker.oncall.escalation.rehearsal import pass_time, rehearse
from worker.oncall.escalation.state import Why
from worker.oncall.escalation.transitions import open_escalation, step

OPENED = datetime(2027, 5, 5, 10, tzinfo=UTC)
HOURS = 36
KINDS = [each.value for each in EventType if each not in {EventType.TIMER, EventType.POLICY}]
TARGETS = ["person:ada", "schedule:nights", "schedule:search#2", "role:commander", "schedule:gone"]
SCHEDULES = {
    "nights": {
        "time_zone": "Europe/Berlin",
        "layers": [
            {"starts": "2027-05-03T00:00", "every": "1 day", "people": ["nia", None], "windows": ["22:00-04:00"]}
        ],
    }
}
LEVELS = st.builds(
    lambda wait, notify: level(wait, *notify),
    st.sampled_from(["1 min", "7 min", "50 min", "3 h"]),
    st.lists(st.sampled_from(TARGETS), min_size=1, max_size=2),
)


@st.composite
def policies(draw):
    return {
        "levels": draw(st.lists(LEVELS, min_size=1, max_size=3)),
        "repeat": draw(st.integers(0, 2)),
        "last_resort": draw(st.sampled_from([[], ["person:uma"]])),
        **draw(st.sampled_from([{}, {"ack_timeout": "45 min"}])),
        **draw(
            st.sampled_from([{}, {"hours": {"time_zone": "UTC", "windows": ["mon-fri 09:00-11:00", "23:00-23:30"]}}])
        ),
    }


@st.composite
def events(draw):
    minutes = draw(st.integers(0, HOURS * 12)) * 5
    kind = draw(st.sampled_from(KINDS))
    more = {
        "severity": {"severity": draw(st.integers(1, 5))},
        "role": {"role": "commander", "person": draw(st.sampled_from([None, "zed"]))},
    }
    return {"at": instant(minutes), "type": kind, "by": "zed", **more.get(kind, {})}


@st.composite
def cases(draw):
    named = {"urgent": {**draw(policies()), "severities": [1, 2]}, "calm": {**draw(policies()), "severities": [3, 4]}}
    happening = draw(st.lists(events(), max_size=5))
    given_case = case(named, happening, schedules=SCHEDULES, severity=draw(st.integers(1, 5)))
    return {**given_case, "until": instant(HOURS * 60)}


def instant(minutes):
    return f"{OPENED + timedelta(minutes=minutes):%Y-%m-%dT%H:%MZ}"


@settings(max_examples=50)
@given(cases())
def test_every_escalation_keeps_its_order_and_its_waits(given_case):
    """Time never runs back, waits hold to the minute, and no two levels are told at once unless somebody did that."""
    found = rehearsed(given_case)
    assert [each.at for each in found.timeline] == sorted(each.at for each in found.timeline)
    happened = {event.at for event in found.timeline if isinstance(event, Event)}
    told = [each for each in found.told if not each.is_skipped]
    for before, after in pairwise(told):
        assert after.at > before.at or after.at in happened
        if after.cause.why is Why.UNANSWERED and not after.cause.was_held:
            assert after.at - before.at == after.cause.minutes
    for each in found.told:
        assert len(set(each.people)) == len(each.people)


@settings(max_examples=50)
@given(cases())
def test_whoever_ends_it_is_followed_by_silence(given_case):
    """Until it is reopened; and while somebody has it only what is asked for by hand, or their time has passed."""
    is_over = False
    for each in rehearsed(given_case).timeline:
        if isinstance(each, Notification):
            assert not is_over
        elif each.type in {EventType.RESOLVE, EventType.CLOSE}:
            is_over = True
        elif each.type is EventType.REOPEN:
            is_over = False


@settings(max_examples=50)
@given(cases(), st.integers(0, HOURS * 60))
def test_an_escalation_that_is_taken_up_in_the_middle_goes_on_as_it_would_have(given_case, cut):
    """How it stands is all that there is to know; timers that come when nothing is due change nothing."""
    directory, incident, happening, until = parts(given_case)
    whole = rehearse(directory, incident, happening, until)
    first = rehearse(directory, incident, happening, incident.opened_at + cut)
    state, told = first.end, list(first.told)
    for event in sorted(happening, key=lambda event: event.at):
        if event.at > first.until:
            state, notifications = pass_time(state, event.at - 1, directory)
            told += notifications
            state, notifications = step(state, event, directory)
            told += notifications
    state, notifications = pass_time(state, until, directory)
    assert [*told, *notifications] == whole.told
    assert state == whole.end
    timers = [Event(incident.opened_at + cut, EventType.TIMER), Event(incident.opened_at + cut, EventType.TIMER)]
    assert rehearse(directory, incident, [*happening, *timers], until).told == whole.told


@settings(max_examples=50)
@given(policies(), st.lists(events(), max_size=5))
def test_people_are_those_whom_the_level_names_at_that_minute(policy, happening):
    """Whoever had it behind them; and a level is passed over if, and only if, it names nobody then."""
    others = [each for each in happening if each["type"] not in {"role", "severity"}]
    given_case = {**case({"all": policy}, others, schedules=SCHEDULES), "until": instant(HOURS * 60)}
    directory, *_ = parts(given_case)
    (read,) = directory.policies
    for told in rehearsed(given_case).told:
        if not told.place.is_last_resort:
            named = directory.people(read.levels[told.place.level - 1].notify, told.at, {})
            assert told.people[: len(named)] == named
            assert set(told.people[len(named) :]) <= {"zed"}
            assert told.is_skipped == (not named)


@settings(max_examples=30)
@given(policies())
def test_where_nobody_was_named_the_first_who_can_be_told_is_told(policy):
    """Minute by minute: before that nobody could be, within the policy's hours; without an event between."""
    directory, incident, _, until = parts({**case({"all": policy}, schedules=SCHEDULES), "until": instant(HOURS * 60)})
    found = rehearse(directory, incident, [], until)
    waiting = [each for each in found.told if each.cause.why is Why.NOBODY_NAMED]
    for last_resort in waiting:
        after = [each for each in found.told if each.at > last_resort.at]
        ends = after[0].at if after else until + 1
        assert all(each.cause.why is Why.COVERED for each in after[:1])
        for minute in range(last_resort.at, ends):
            assert not could_be_told(directory, minute)


def could_be_told(directory, minute):
    (policy,) = directory.policies
    if policy.hours and not policy.hours.windows.at(minute)[0]:  # they are in UTC
        return False
    return any(directory.people(rung.notify, minute, {}) for rung in policy.levels)


def test_a_late_timer_tells_one_level_and_its_wait_runs_from_then():
    """However many deadlines have passed while no worker was there."""
    rungs = [level("5 min", f"person:{name}") for name in ("ada", "ben", "cem")]
    directory, incident, _, _ = parts(case({"all": {"levels": rungs}}))
    state, _ = open_escalation(incident.severity, {}, incident.opened_at, directory)
    late = Event(incident.opened_at + 60, EventType.TIMER)
    after, told = step(state, late, directory)
    assert [each.people for each in told] == [("ben",)]
    assert after.due == late.at + 5


def test_an_early_timer_tells_nobody():
    """Clocks differ."""
    directory, incident, _, _ = parts(case({"all": {"levels": [level("5 min", "person:ada")], "ack_timeout": "9 min"}}))
    state, _ = open_escalation(incident.severity, {}, incident.opened_at, directory)
    assert step(state, Event(state.due - 1, EventType.TIMER), directory) == (state, ())
    owned, _ = step(state, Event(state.due - 1, EventType.ACKNOWLEDGE, "zed"), directory)
    assert step(owned, Event(owned.due - 1, EventType.TIMER), directory) == (owned, ())


def test_epoch_rises_with_every_start_and_stop():
    """So that a timer of an earlier one is known as such."""
    directory, incident, _, _ = parts(case({"all": {"levels": [level("5 min", "person:ada")]}}))
    state, _ = open_escalation(incident.severity, {}, incident.opened_at, directory)
    epochs = [state.epoch]
    for kind in (EventType.ACKNOWLEDGE, EventType.UNACKNOWLEDGE, EventType.RESOLVE, EventType.REOPEN):
        state, _ = step(state, Event(incident.opened_at + 1, kind, "zed"), directory)
        epochs.append(state.epoch)
    assert epochs == sorted(set(epochs))


def test_a_shift_that_was_added_meanwhile_is_found_by_any_timer():
    """Where nobody had been named, and nothing was due."""
    policy = {"levels": [level("5 min", "schedule:nights")], "last_resort": ["person:uma"]}
    empty, incident, _, _ = parts(case({"all": policy}, schedules={"nights": {"time_zone": "UTC"}}))
    covered, _, _, _ = parts(
        case({"all": policy}, schedules={"nights": {"time_zone": "UTC", "layers": [{"people": ["nia"]}]}})
    )
    state, _ = open_escalation(incident.severity, {}, incident.opened_at, empty)
    assert state.due is None
    _, told = step(state, Event(incident.opened_at + 30, EventType.TIMER), replace(empty, schedules=covered.schedules))
    assert [each.people for each in told] == [("nia",)]
