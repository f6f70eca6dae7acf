"""Moments as people write them in options: a time ago, or a time."""

from datetime import UTC, datetime, timedelta

import pytest

from worker.cli.moments import read_duration, read_moment

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("90s", NOW - timedelta(seconds=90)),
        ("30m", NOW - timedelta(minutes=30)),
        ("2H ago", NOW - timedelta(hours=2)),
        ("1 d", NOW - timedelta(days=1)),
        ("2w", NOW - timedelta(weeks=2)),
        ("2026-03-01T10:00:00+01:00", NOW - timedelta(days=1)),
    ],
)
def test_a_moment_is_a_time_ago_or_a_time(text, moment):
    """Both forms are read."""
    assert read_moment(text, NOW) == moment


@pytest.mark.parametrize("text", ["yesterday", "", "-2h", "2 fortnights", "2026-13-01", "999999w"])
def test_a_moment_that_cannot_be_read_is_refused_with_examples(text):
    """The sentence shows what could have been written."""
    with pytest.raises(ValueError, match=r"30m, 2h or 1d"):
        read_moment(text, NOW)


def test_durations_are_read_as_people_write_them():
    """Units from seconds to weeks, in either case, with or without a space."""
    assert read_duration("30m") == timedelta(minutes=30)
    assert read_duration(" 7 D ") == timedelta(days=7)
