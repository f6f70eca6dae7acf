"""A layer's closed form, against walking through time minute by minute with the rule in hand."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from minute_walk import LayerWalk, minutes

from worker.oncall.reading.given_schedule import GivenLayer
from worker.oncall.schedule.layer import Silence
from worker.oncall.schedule.wall_clock import NEVER, clock_of, minute_of

BEFORE_CHANGES = [
    ("Europe/Berlin", "2027-03-26"),
    ("Europe/Berlin", "2027-10-29"),
    ("America/New_York", "2026-03-06"),
    ("America/New_York", "2026-10-30"),
    ("Australia/Lord_Howe", "2027-04-02"),
    ("Australia/Lord_Howe", "2027-10-01"),
    ("Pacific/Apia", "2011-12-28"),
    ("Asia/Kolkata", "2027-03-26"),
]
CLOCK_TIMES = st.sampled_from(["00:00", "01:30", "02:00", "02:15", "02:30", "03:00", "03:01", "09:00", "23:45"])
PEOPLE = st.lists(st.sampled_from(["ines", "jon", "kai", "lia", None]), min_size=1, max_size=4)


@st.composite
def layers(draw, day):
    start = datetime.fromisoformat(day)
    starts = f"{start + timedelta(days=draw(st.integers(0, 1))):%Y-%m-%d}T{draw(CLOCK_TIMES)}"
    layer = {
        "starts": starts,
        "people": draw(PEOPLE),
        "every": draw(st.sampled_from(["1 hour", "5 hours", "12 hours", "1 day", "2 days", "1 window", "2 windows"])),
    }
    windows = ["mon-fri 18:00-02:30", "sat-sun 02:15-02:45", "fri-mon 01:30-03:30", "mon-sun 02:30-02:00"]
    if draw(st.booleans()) or layer["every"].endswith(("window", "windows")):
        layer["windows"] = [draw(st.sampled_from(windows))]
    if draw(st.booleans()):
        at = f"{start + timedelta(days=draw(st.integers(1, 3))):%Y-%m-%d}T{draw(CLOCK_TIMES)}"
        layer["changes"] = [{"from": max(at, starts), "people": draw(PEOPLE)}]
    return layer


@st.composite
def cases(draw):
    zone, day = draw(st.sampled_from(BEFORE_CHANGES))
    return zone, day, draw(layers(day))


def named(layer, instant):
    return [each.person for each in layer.naming(instant).people]


@given(case=cases())
@settings(max_examples=25)
def test_walking_minute_by_minute_comes_to_the_same_people(case):
    zone, day, written = case
    walk, layer = LayerWalk(written, ZoneInfo(zone)), read(written, zone)
    has_begun = False
    for instant in minutes(datetime.fromisoformat(day).replace(tzinfo=UTC) - timedelta(days=1), 5):
        expected = walk.minute(instant)
        # Before the first of the turns that windows count there is none to walk from.
        has_begun = has_begun or walk.turns >= 0
        assert named(layer, minute_of(instant)) == (expected if has_begun else []), (instant, written, zone)


@given(case=cases())
@settings(max_examples=25)
def test_what_a_layer_names_holds_until_it_says(case):
    zone, day, written = case
    layer = read(written, zone)
    instant = minute_of(datetime.fromisoformat(day)) - 1440
    end = instant + 5 * 1440
    while instant < end:
        naming = layer.naming(instant)
        assert naming.until > instant
        last = min(naming.until, end) - 1
        assert layer.naming(last).people == naming.people
        assert layer.naming(last).until == naming.until
        instant = naming.until


@given(case=cases(), later=st.lists(PEOPLE, min_size=1, max_size=3))
@settings(max_examples=25)
def test_a_change_rewrites_nothing_that_was(case, later):
    zone, day, written = case
    start = datetime.fromisoformat(day)
    changes = [
        *written.get("changes", ()),
        *(
            {"from": f"{start + timedelta(days=4 + place):%Y-%m-%dT%H:%M}", "people": each}
            for place, each in enumerate(later)
        ),
    ]
    before, after = read(written, zone), read({**written, "changes": changes}, zone)
    moment = clock_of(zone).reached(minute_of(start + timedelta(days=4)))

    for instant in range(moment - 5 * 1440, moment, 7):
        assert before.naming(instant).people == after.naming(instant).people


def read(written, zone="UTC"):
    return GivenLayer(**written).layer(0, clock_of(zone))


def test_a_change_may_name_who_has_the_turn():
    layer = read(
        {
            "starts": "2027-05-03T08:00",
            "every": "1 day",
            "people": ["ines", "jon"],
            "changes": [{"from": "2027-05-04T12:00", "people": ["ines", "jon", "lia"], "first": "lia"}],
        }
    )

    assert named(layer, at("2027-05-04T11:59")) == ["jon"]
    assert named(layer, at("2027-05-04T12:00")) == ["lia"]
    assert named(layer, at("2027-05-05T08:00")) == ["ines"]


def test_several_who_stand_in_another_order_keep_their_turn():
    layer = read(
        {
            "starts": "2027-05-03T08:00",
            "every": "1 day",
            "people": ["ines", ["jon", "kai"]],
            "changes": [{"from": "2027-05-04T12:00", "people": ["ines", "lia", ["kai", "jon"]]}],
        }
    )

    assert named(layer, at("2027-05-04T12:00")) == ["kai", "jon"]
    assert named(layer, at("2027-05-05T08:00")) == ["ines"]


def test_an_empty_list_names_nobody_until_a_later_change():
    layer = read(
        {
            "starts": "2027-05-03T08:00",
            "every": "1 day",
            "people": ["ines", "jon"],
            "changes": [
                {"from": "2027-05-04T12:00", "people": []},
                {"from": "2027-05-06T12:00", "people": ["kai", "lia"]},
            ],
        }
    )

    assert layer.naming(at("2027-05-05T12:00")).silence is Silence.EMPTY_TURN
    assert named(layer, at("2027-05-06T12:00")) == ["kai"]
    assert named(layer, at("2027-05-07T08:00")) == ["lia"]


def test_without_turns_all_people_of_the_list_are_named_together():
    layer = read({"people": ["ines", ["jon", "kai"], None]})

    assert named(layer, at("1999-01-01T00:00")) == ["ines", "jon", "kai"]
    assert layer.naming(at("1999-01-01T00:00")).until == NEVER


def test_depth_names_each_person_once_and_says_how_far_behind():
    layer = read({"starts": "2027-05-03T08:00", "every": "1 day", "people": ["ines", "jon", "ines"], "depth": 3})

    naming = layer.naming(at("2027-05-03T09:00"))

    assert [(each.person, each.behind) for each in naming.people] == [("ines", 0), ("jon", 1)]


@pytest.mark.parametrize(
    ("instant", "silence"),
    [
        ("2027-05-03T07:59", Silence.NOT_BEGUN),
        ("2027-05-03T12:00", Silence.NO_WINDOW),
        ("2027-05-04T19:00", Silence.EMPTY_TURN),
        ("2027-05-07T00:00", Silence.ENDED),
    ],
)
def test_a_layer_that_names_nobody_says_why(instant, silence):
    layer = read(
        {
            "starts": "2027-05-03T08:00",
            "ends": "2027-05-07T00:00",
            "every": "1 day",
            "people": ["ines", None],
            "windows": ["18:00-20:00"],
        }
    )

    assert layer.naming(at(instant)).silence is silence


def at(text):
    return minute_of(datetime.fromisoformat(text))
