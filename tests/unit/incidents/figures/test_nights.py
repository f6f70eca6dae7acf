"""A night is interrupted by the clock of whoever is told."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from worker.incidents.figures.nights import nights_of

ZONES = {"ada": ZoneInfo("Europe/Berlin"), "lea": ZoneInfo("America/New_York")}
NOON = datetime(2026, 6, 12, 12, tzinfo=UTC)


def counted(*pages):
    return nights_of([(person, NOON + timedelta(hours=hours)) for person, hours in pages], ZONES.get, UTC)


@pytest.mark.parametrize(
    ("pages", "interrupted", "people"),
    [
        ([("ada", 0)], 0, 0),  # two in the afternoon in Berlin
        ([("lea", 13.9)], 0, 0),  # almost ten in the evening in New York
        ([("lea", 14)], 1, 1),
        ([("ada", 8)], 1, 1),  # ten in the evening
        ([("ada", 8), ("ada", 12), ("ada", 16.9)], 1, 1),  # until seven it is the same night
        ([("ada", 17)], 0, 0),  # seven in the morning
        ([("ada", 12), ("ada", 36)], 2, 1),
        ([("ada", 12), ("eve", 12)], 2, 2),  # of eve no zone is known
        ([], 0, 0),
    ],
)
def test_nights_are_counted_by_person_and_by_the_evening_on_which_they_began(pages, interrupted, people):
    """However often somebody is woken in one night, it is one."""
    found = counted(*pages)
    assert (found.interrupted, found.people) == (interrupted, people)


def test_pages_are_shown_by_the_hour_of_each_persons_day():
    """The same moment is the afternoon of one and the morning of the other."""
    found = counted(("ada", 0), ("lea", 0), ("eve", 0))
    assert {hour: count for hour, count in enumerate(found.by_hour) if count} == {8: 1, 12: 1, 14: 1}
    assert (found.pages, found.in_utc) == (3, 1)


def test_several_ways_at_one_moment_are_one_page():
    """Somebody who is called and written to is woken once."""
    assert counted(("ada", 1), ("ada", 1)).pages == 1
