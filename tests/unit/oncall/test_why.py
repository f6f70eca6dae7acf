"""Why a person is on call, as people read it."""

from datetime import UTC, datetime

import pytest
from brief_definitions import definitions

from worker.oncall.schedule.wall_clock import clock_of, minute_of
from worker.oncall.why import told, why

NOW = minute_of(datetime(2026, 6, 10, 12, tzinfo=UTC))  # a Wednesday, 14:00 in Berlin
WEEK = {"name": "nights", "people": ["ben", "ada", "james"], "starts": "2026-06-08T09:00", "every": "1 week"}
COVER = {"person": "eve", "from": "2026-06-10T08:00", "to": "2026-06-16T20:00"}

REASONS = {
    "a turn": ([WEEK], [], ["layer nights, Ben's turn since Mon 8 Jun 09:00"]),
    "those behind it": (
        [{**WEEK, "depth": 3}],
        [],
        [
            "layer nights, Ben's turn since Mon 8 Jun 09:00",
            "layer nights, behind Ben (next turn)",
            "layer nights, behind Ben (2 turns later)",
        ],
    ),
    "a name that ends in s": (
        [{**WEEK, "people": ["james"]}],
        [],
        ["layer nights, James' turn since Mon 8 Jun 09:00"],
    ),
    "no turns": ([{"name": "office", "people": ["ada"]}], [], ["layer office"]),
    "a turn of last year": (
        [{**WEEK, "starts": "2025-12-01T09:00", "every": "12 months"}],
        [],
        ["layer nights, Ben's turn since Mon 1 Dec 2025 09:00"],
    ),
    "a cover": ([WEEK], [COVER], ["override by Eve until Tue 16 Jun 20:00"]),
    "a cover of this week": ([WEEK], [{**COVER, "to": "2026-06-12T20:00"}], ["override by Eve until Fri 20:00"]),
    "a replacement": ([WEEK], [{**COVER, "replaces": "ben"}], ["stands in for Ben until Tue 16 Jun 20:00"]),
    "an addition": (
        [WEEK],
        [{**COVER, "add": True}],
        ["layer nights, Ben's turn since Mon 8 Jun 09:00", "added until Tue 16 Jun 20:00"],
    ),
    "a swap": (
        [WEEK],
        [
            {
                "swap": [
                    {"person": "ben", "from": "2026-06-08T09:00", "to": "2026-06-15T09:00"},
                    {"person": "ada", "from": "2026-06-15T09:00", "to": "2026-06-22T09:00"},
                ]
            }
        ],
        ["by a swap, stands in for Ben until Mon 09:00"],
    ),
}


@pytest.mark.parametrize("what", REASONS)
def test_each_way_to_be_on_call_has_its_words(what):
    """With the times of the schedule's own clock."""
    layers, overrides, expected = REASONS[what]
    given = {"time_zone": "Europe/Berlin", "layers": layers, "overrides": overrides}
    (schedule,) = definitions(schedules={"checkout": given}).schedules.values()
    stretch = schedule.at(NOW)
    assert [why(schedule, stretch, place, str.capitalize) for place in stretch.places] == expected


def test_those_behind_somebody_who_is_away_stand_behind_them_all_the_same():
    """Whose turn it is does not change by an absence."""
    away = {"person": "ben", "from": "2026-06-10T00:00Z"}
    given = {"time_zone": "Europe/Berlin", "layers": [{**WEEK, "depth": 2}], "absences": [away]}
    (schedule,) = definitions(schedules={"checkout": given}).schedules.values()
    stretch = schedule.at(NOW)
    assert [why(schedule, stretch, place, str.capitalize) for place in stretch.places] == [
        "layer nights, behind Ben (next turn)"
    ]


@pytest.mark.parametrize(
    ("instant", "expected"),
    [
        ("2026-06-10T12:00", "Wed 14:00"),
        ("2026-06-16T11:59", "Tue 13:59"),
        ("2026-06-16T12:00", "Tue 16 Jun 14:00"),
        ("2026-06-10T11:59", "Wed 10 Jun 13:59"),
        ("2027-01-01T00:00", "Fri 1 Jan 2027 01:00"),
    ],
)
def test_a_time_says_its_day_where_the_weekday_does_not(instant, expected):
    """Within six days to come it does."""
    asked = minute_of(datetime.fromisoformat(f"{instant}+00:00"))
    assert told(asked, NOW, clock_of("Europe/Berlin")) == expected
