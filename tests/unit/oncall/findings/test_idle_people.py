"""A rotation that gives some people nothing is told, exactly these people, for every period and window."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from surveys import scheduled, survey, weekly

from worker.oncall.findings.idle_people import find_idle_people, idle_people
from worker.oncall.reading.given_schedule import GivenLayer
from worker.oncall.schedule.wall_clock import WEEK, clock_of

UTC = clock_of("UTC")
SEVEN = [f"{name}@x.example" for name in "abcdefg"]


def layer_of(**given):
    return GivenLayer.model_validate({"starts": "2027-05-03T00:00", **given}).layer(0, UTC)


def test_seven_people_and_five_days_leave_two_without_any():
    """They are named, with what mends it."""
    layer = weekly(
        "ines", "jon", "kai", "lia", None, "m@x.example", "n@x.example", every="1 day", windows=["mon-fri 09:00-17:00"]
    )
    [finding] = find_idle_people(survey(schedules=scheduled(layer)))
    assert finding.thing == "layer:checkout/week"
    assert "gives m@x.example and n@x.example nothing, ever: each turn of theirs (every 1 day)" in finding.what
    assert "every: 1 window" in finding.remedy


def test_the_second_place_is_not_the_first():
    """With a depth they may be called, and never first."""
    [finding] = find_idle_people(
        survey(schedules=scheduled(weekly(*SEVEN, every="1 day", depth=3, windows=["mon-fri 09:00-17:00"])))
    )
    assert "never the first place" in finding.what


@pytest.mark.parametrize(
    "given_layer",
    [
        {"people": SEVEN, "every": "1 window", "windows": ["mon-fri 09:00-17:00"]},
        {"people": SEVEN, "every": "1 week", "windows": ["mon 09:00-10:00"]},
        {"people": SEVEN, "every": "1 month", "windows": ["mon 09:00-10:00"]},
        {"people": SEVEN[:5], "every": "1 day", "windows": ["mon-fri 09:00-17:00"]},
        {"people": SEVEN, "every": "1 day"},
        {"people": SEVEN, "windows": ["mon-fri 09:00-17:00"]},
    ],
)
def test_where_all_have_something_there_is_nothing_to_tell(given_layer):
    """Turns counted by windows, turns that hold a week, numbers that share no factor, no windows, no turns."""
    assert idle_people(layer_of(**given_layer), 30_000_000) == []


def test_the_list_to_come_is_looked_at_too():
    """A change within the days ahead may be what leaves somebody out."""
    change = {"from": "2027-05-10T09:00", "people": SEVEN}
    layer = weekly(*SEVEN[:5], every="1 day", windows=["mon-fri 09:00-17:00"], changes=[change])
    assert len(list(find_idle_people(survey(schedules=scheduled(layer))))) == 1
    assert list(find_idle_people(survey(days=5, schedules=scheduled(layer)))) == []


@given(
    count=st.integers(1, 8),
    every=st.sampled_from(["1 hour", "5 hours", "8 hours", "12 hours", "1 day", "2 days", "3 days", "6 days"]),
    windows=st.sampled_from(
        ["mon-fri 09:00-17:00", "sat,sun 00:00-24:00", "fri 22:00 - sat 02:00", "18:00-08:00", "wed 11:59-12:00"]
    ),
    starts=st.sampled_from(["2027-05-03T00:00", "2027-05-05T17:00", "2027-05-07T21:59"]),
)
@settings(max_examples=40)
def test_it_is_those_whom_no_window_ever_names(count, every, windows, starts):
    """The closed form is what walking through all rounds comes to."""
    layer = layer_of(people=SEVEN[:count], every=every, windows=[windows], starts=starts)
    start, seen = layer.first_instant, set()
    end, instant = start + WEEK * 6 * count, start
    while instant < end:
        naming = layer.naming(instant)
        seen |= {each.person for each in naming.people}
        instant = naming.until
    assert idle_people(layer, start) == [person for person in SEVEN[:count] if person not in seen]
