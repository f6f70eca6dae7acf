"""Who is told of which shift: each beginning and each handover once, however time is cut, and nobody who stays."""

from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from worker.oncall.notices.due import beginnings, handovers
from worker.oncall.notices.notice import NoticeKind
from worker.oncall.reading.build import build
from worker.oncall.reading.given_definitions import GivenDefinitions
from worker.oncall.schedule.wall_clock import instant_at, minute_of

# A Monday; the clocks of Berlin change on the Sunday after.
START = datetime(2027, 3, 22)  # noqa: DTZ001 (a wall clock's)
DAYS = 14
FIRST, LAST = minute_of(START), minute_of(START) + DAYS * 1440
WEEKLY = {"name": "week", "starts": "2027-03-01T08:00", "every": "1 week", "people": ["ada", "ben", "cem"]}
OFFICE = {**WEEKLY, "name": "office", "windows": ["mon-fri 08:00-17:00"]}


def schedule(*layers, overrides=(), absences=(), zone="UTC"):
    given = {"time_zone": zone, "layers": list(layers), "overrides": list(overrides), "absences": list(absences)}
    return build(GivenDefinitions(schedules={"checkout": given})).schedules["checkout"]


def at(text):
    return minute_of(datetime.fromisoformat(f"{text}+00:00"))


def said(notices):
    """Each as `Mon 22 08:00 ada > ben`."""
    return [
        f"{instant_at(each.instant):%a %d %H:%M} {'+'.join(each.going)} > {'+'.join(each.coming)}" for each in notices
    ]


def announced(schedule, start="2027-03-22T00:00", end="2027-04-05T00:00"):
    return said(beginnings(schedule, at(start), at(end)))


def handed_over(schedule, start="2027-03-22T00:00", end="2027-04-05T00:00"):
    return said(handovers(schedule, at(start), at(end)))


def test_a_turn_is_announced_to_who_has_it_and_handed_over_by_who_had_it():
    """Once each, at the instant of the handover."""
    assert announced(schedule(WEEKLY)) == ["Mon 22 08:00  > ada", "Mon 29 08:00  > ben"]
    assert handed_over(schedule(WEEKLY)) == ["Mon 22 08:00 cem > ada", "Mon 29 08:00 ada > ben"]


def test_a_turn_of_office_hours_is_one_shift():
    """It is announced before its first hour; that nobody is on call at night is no handover."""
    assert announced(schedule(OFFICE)) == ["Mon 22 08:00  > ada", "Mon 29 08:00  > ben"]
    assert handed_over(schedule(OFFICE)) == [
        "Mon 22 08:00  > ada",
        "Fri 26 17:00 ada > ",
        "Mon 29 08:00  > ben",
        "Fri 02 17:00 ben > ",
    ]


def test_two_regions_hand_over_to_each_other_every_day():
    """A pause in which others are on call is a handover, though the shift is announced once."""
    nights = {"name": "night", "starts": "2027-03-01T17:00", "people": ["dee"], "windows": ["mon-fri 17:00-08:00"]}
    both = schedule(OFFICE, nights)
    assert announced(both) == ["Mon 22 08:00  > ada", "Mon 29 08:00  > ben"]
    assert handed_over(both, end="2027-03-24T00:00") == [
        "Mon 22 08:00  > ada",
        "Mon 22 17:00 ada > dee",
        "Tue 23 08:00 dee > ada",
        "Tue 23 17:00 ada > dee",
    ]


@pytest.mark.parametrize("people", [["ada"], ["ada", "ada"], [["ada", "ben"], ["ben", "ada"]]])
@pytest.mark.parametrize("layer", [WEEKLY, OFFICE], ids=["all day", "office hours"])
def test_turns_that_one_person_has_one_after_the_other_are_one_shift(layer, people):
    """Nobody is told every week that they go on."""
    same = schedule({**layer, "people": people})
    assert announced(same) == handed_over(same) == []


def test_who_stands_behind_stays_when_it_is_their_turn():
    """The second of last week is the first of this one, and hears nothing of it."""
    deep = schedule({**WEEKLY, "depth": 2})
    assert announced(deep) == ["Mon 22 08:00  > ben", "Mon 29 08:00  > cem"]
    assert handed_over(deep) == ["Mon 22 08:00 cem > ben", "Mon 29 08:00 ada > cem"]


def test_an_evenings_cover_is_a_shift_of_its_own_and_a_pause_of_the_turn():
    """Who covers is announced and both hand over, twice; whose turn it is hears of no new shift."""
    cover = {"from": "2027-03-24T18:00", "to": "2027-03-24T22:00", "person": "eve"}
    covered = schedule(WEEKLY, overrides=[cover])
    assert announced(covered, "2027-03-23T00:00", "2027-03-28T00:00") == ["Wed 24 18:00  > eve"]
    assert handed_over(covered, "2027-03-23T00:00", "2027-03-28T00:00") == [
        "Wed 24 18:00 ada > eve",
        "Wed 24 22:00 eve > ada",
    ]


def test_a_cover_that_begins_with_the_turn_moves_the_shift():
    """Whose turn it is comes on call later, and is told when."""
    cover = {"from": "2027-03-22T08:00", "to": "2027-03-22T12:00", "person": "eve"}
    covered = schedule(WEEKLY, overrides=[cover])
    assert announced(covered, end="2027-03-24T00:00") == ["Mon 22 08:00  > eve", "Mon 22 12:00  > ada"]


def test_who_replaces_another_is_announced_once_for_all_windows():
    """An override over a week of office hours is one shift, as the turn is whose it was."""
    replaced = {"from": "2027-03-22T00:00", "to": "2027-03-29T00:00", "person": "eve", "replaces": "ada"}
    assert announced(schedule(OFFICE, overrides=[replaced])) == ["Mon 22 08:00  > eve", "Mon 29 08:00  > ben"]


def test_who_was_away_comes_back_to_their_turn_unannounced():
    """The hours of an absence are a pause."""
    away = {"person": "ada", "from": "2027-03-23T00:00Z", "to": "2027-03-24T00:00Z"}
    assert announced(schedule(WEEKLY, absences=[away])) == ["Mon 22 08:00  > ada", "Mon 29 08:00  > ben"]


def test_a_gap_begins_and_ends_with_one_side():
    """Whoever goes hears that nobody comes, and whoever comes after it that nobody goes."""
    gap = schedule({**WEEKLY, "people": ["ada", None, "cem"]})
    assert handed_over(gap) == ["Mon 22 08:00 cem > ada", "Mon 29 08:00 ada > "]
    assert handed_over(gap, "2027-04-05T00:00", "2027-04-06T00:00") == ["Mon 05 08:00  > cem"]


def test_a_layer_that_begins_is_announced_and_one_that_ends_is_handed_over():
    """Before its first instant nobody had the turn."""
    fortnight = schedule({**OFFICE, "starts": "2027-03-22T08:00", "ends": "2027-04-02T17:00"})
    assert announced(fortnight) == ["Mon 22 08:00  > ada", "Mon 29 08:00  > ben"]
    assert handed_over(fortnight)[-1] == "Fri 02 17:00 ben > "


def test_a_handover_in_the_repeated_hour_is_one():
    """The boundary is reached once, whatever the wall clock shows twice."""
    autumn = {**WEEKLY, "starts": "2027-10-03T02:30", "every": "1 week"}
    assert handed_over(schedule(autumn, zone="Europe/Berlin"), "2027-10-30T00:00", "2027-11-02T00:00") == [
        "Sun 31 00:30 ada > ben"
    ]


def test_one_person_is_known_by_their_shift_and_a_handover_by_its_instant():
    """A change that moves nothing is no new notice; keys are in the order of time."""
    (before, _), (handover, later) = (list(each(schedule(WEEKLY), FIRST, LAST)) for each in (beginnings, handovers))
    assert (before.kind, handover.kind) == (NoticeKind.BEFORE, NoticeKind.HANDOVER)
    assert before.key != handover.key < later.key
    other = schedule({**WEEKLY, "people": ["ada", "ben", "dee"]})
    assert next(handovers(other, FIRST, LAST)).key == handover.key
    assert next(beginnings(other, FIRST, LAST)).key == before.key


@st.composite
def any_schedule(draw):
    def wall(hours):
        return f"{START + timedelta(hours=hours):%Y-%m-%dT%H:%M}"

    def span(hours):
        start = draw(st.integers(0, DAYS * 24))
        return {"from": wall(start), "to": wall(start + draw(st.integers(1, hours)))}

    person = st.sampled_from(["ada", "ben", "cem", "dee"])
    layers = [
        {
            "name": f"layer-{number}",
            "starts": wall(draw(st.integers(-72, 24))),
            "every": draw(st.sampled_from(["7 hours", "1 day", "1 week"])),
            "people": draw(st.lists(st.one_of(person, st.none()), min_size=1, max_size=4)),
            "priority": draw(st.integers(0, 1)),
            "depth": draw(st.integers(1, 2)),
            **draw(st.sampled_from([{}, {"windows": ["mon-fri 18:00-02:30"]}, {"windows": ["08:00-17:00"]}])),
        }
        for number in range(draw(st.integers(1, 3)))
    ]
    overrides = [
        {"person": draw(person), **draw(st.sampled_from([{}, {"add": True}, {"replaces": "ada"}])), **span(60)}
        for _ in range(draw(st.integers(0, 3)))
    ]
    absences = [{"person": draw(person), **span(100)} for _ in range(draw(st.integers(0, 1)))]
    return schedule(*layers, overrides=overrides, absences=absences, zone="Europe/Berlin")


@given(schedule=any_schedule(), cuts=st.lists(st.integers(FIRST, LAST), max_size=5))
@settings(max_examples=40)
def test_each_notice_is_in_one_part_of_time_however_it_is_cut(schedule, cuts):
    """So that whoever looks again from where another stopped loses none and finds none twice."""
    edges = sorted({FIRST, *cuts, LAST})
    for each in (beginnings, handovers):
        whole = list(each(schedule, FIRST, LAST))
        assert [notice for start, end in pairwise(edges) for notice in each(schedule, start, end)] == whole
        assert len({notice.key for notice in whole}) == len(whole)


@given(schedule=any_schedule())
@settings(max_examples=40)
def test_whoever_changes_places_with_another_is_told_and_nobody_who_stays(schedule):
    """Held against who is on call in the minute before and in the minute itself."""
    told = {notice.instant: notice for notice in handovers(schedule, FIRST, LAST)}
    edges = {stretch.start for stretch in schedule.stretches(FIRST, LAST)}
    for minute in edges | told.keys():
        before, now = set(schedule.at(minute - 1).people), set(schedule.at(minute).people)
        going, coming = before - now, now - before
        notice = told.get(minute)
        if going and coming:
            assert (set(notice.going), set(notice.coming)) == (going, coming)
        elif notice:
            assert set(notice.going) <= going
            assert set(notice.coming) <= coming


@given(schedule=any_schedule())
@settings(max_examples=40)
def test_nobody_is_on_call_for_the_first_time_unannounced(schedule):
    """Whoever comes after a week and more without a shift of theirs is announced then."""
    announced = {(notice.coming[0], notice.instant) for notice in beginnings(schedule, FIRST, LAST)}
    seen = {person for stretch in schedule.stretches(FIRST - 9 * 1440, FIRST) for person in stretch.people}
    for stretch in schedule.stretches(FIRST, LAST):
        for person in set(stretch.people) - seen:
            assert (person, stretch.start) in announced
        seen |= set(stretch.people)
