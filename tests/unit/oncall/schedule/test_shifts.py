"""Shifts, gaps and ends, all read off the one function; and the time between them covered once."""

from datetime import datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from worker.oncall.reading.build import build
from worker.oncall.reading.given_definitions import GivenDefinitions
from worker.oncall.schedule.shifts import gaps, next_people, shifts, until
from worker.oncall.schedule.wall_clock import minute_of

START = datetime(2027, 3, 22)  # noqa: DTZ001 (a wall clock's)
DAYS = 14
PEOPLE = st.lists(st.sampled_from(["ines", "jon", ["kai", "lia"], None]), min_size=1, max_size=4)
OFFSETS = st.integers(0, DAYS * 24)


def schedule(layers, overrides=(), absences=(), time_zone="Europe/Berlin"):
    given = {"time_zone": time_zone, "layers": layers, "overrides": list(overrides), "absences": list(absences)}
    return build(GivenDefinitions(schedules={"checkout": given})).schedules["checkout"]


def wall(hours):
    return f"{START + timedelta(hours=hours):%Y-%m-%dT%H:%M}"


@st.composite
def layers(draw):
    return {
        "name": draw(st.uuids()).hex,
        "starts": wall(draw(st.integers(-48, 24))),
        "every": draw(st.sampled_from(["7 hours", "1 day", "1 week"])),
        "people": draw(PEOPLE),
        "priority": draw(st.integers(0, 2)),
        "depth": draw(st.integers(1, 2)),
        **draw(st.sampled_from([{}, {"windows": ["mon-fri 18:00-02:30"]}, {"windows": ["fri 17:00 - mon 08:00"]}])),
    }


@st.composite
def spans(draw):
    start = draw(OFFSETS)
    return {"from": wall(start), "to": wall(start + draw(st.integers(1, 60)))}


@st.composite
def overrides(draw):
    kind = draw(st.sampled_from([{}, {"add": True}, {"replaces": "ines"}, {"replaces": "mia"}]))
    return {"person": draw(st.sampled_from(["mia", "nia", "jon"])), **kind, **draw(spans())}


@st.composite
def schedules(draw):
    return schedule(
        draw(st.lists(layers(), max_size=4)),
        draw(st.lists(overrides(), max_size=4)),
        [{"person": "jon", **each} for each in draw(st.lists(spans(), max_size=2))],
    )


@given(schedule=schedules())
@settings(max_examples=60)
def test_stretches_cover_all_time_once_and_say_what_is_asked_at_any_minute_of_them(schedule):
    start, end = minute_of(START), minute_of(START) + DAYS * 1440
    stretches = list(schedule.stretches(start, end))

    assert [stretches[0].start, *(each.until for each in stretches)] == [*(each.start for each in stretches), end]
    for stretch in stretches:
        for minute in {stretch.start, (stretch.start + stretch.until) // 2, stretch.until - 1}:
            assert schedule.at(minute).places == stretch.places


@given(schedule=schedules())
@settings(max_examples=60)
def test_shifts_and_gaps_together_are_what_is_asked_hour_by_hour(schedule):
    start, end = minute_of(START), minute_of(START) + DAYS * 1440
    found, empty = list(shifts(schedule, start, end)), gaps(schedule, start, end)

    for minute in range(start, end, 30):
        on_call = schedule.at(minute).people
        standing = sorted((each.rank, each.person) for each in found if each.start <= minute < each.end)
        assert tuple(person for _, person in standing) == on_call
        assert any(first <= minute < last for first, last in empty) == (not on_call)


@given(schedule=schedules(), hours=OFFSETS)
@settings(max_examples=60)
def test_each_shift_lasts_until_the_end_that_is_said(schedule, hours):
    instant = minute_of(START) + hours * 60
    for rank, person in enumerate(schedule.at(instant).people):
        end = until(schedule, person, instant)
        assert end is None or schedule.at(end).people[rank : rank + 1] != (person,)
        assert schedule.at((end or instant + 1440) - 1).people[rank] == person


def test_a_weekly_turn_says_who_is_next_and_from_when():
    weekly = schedule([{"starts": "2027-03-01T09:00", "every": "1 week", "people": ["ines", "jon"]}])

    assert next_people(weekly, minute_of(datetime(2027, 3, 27))) == (minute_of(datetime(2027, 3, 29, 7)), ("ines",))  # noqa: DTZ001


def test_a_person_without_an_end_has_none():
    always = schedule([{"people": ["ines"]}])

    assert until(always, "ines", 0) is None
    assert next_people(always, 0) is None


def test_turns_of_one_person_are_one_shift():
    alone = schedule([{"starts": "2027-03-01T09:00", "every": "1 day", "people": ["ines"]}])

    assert len(list(shifts(alone, minute_of(START), minute_of(START) + 1440 * 5))) == 1


@given(layer=layers(), others=st.lists(layers(), max_size=2))
@settings(max_examples=40)
def test_a_layer_that_names_nobody_hides_nobody(layer, others):
    silent = {**layer, "name": "silent", "priority": 1000, "people": [None]}
    start, end = minute_of(START), minute_of(START) + DAYS * 1440
    without, beside = schedule(others), schedule([*others, silent])

    assert [beside.at(each).people for each in range(start, end, 60)] == [
        without.at(each).people for each in range(start, end, 60)
    ]
