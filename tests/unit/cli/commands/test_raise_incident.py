"""What a person types becomes an event."""

import os
import time
from datetime import UTC, datetime

import pytest
import typer

from worker.cli.commands.raise_incident import parse_moment

# Ten past midnight in Berlin.
NOW = datetime(2026, 3, 1, 23, 10, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _in_berlin(monkeypatch):
    before = os.environ.get("TZ")
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    yield
    monkeypatch.delenv("TZ") if before is None else monkeypatch.setenv("TZ", before)
    time.tzset()


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("00:05", datetime(2026, 3, 1, 23, 5, tzinfo=UTC)),
        ("23:50", datetime(2026, 3, 1, 22, 50, tzinfo=UTC)),
        ("23:50:30", datetime(2026, 3, 1, 22, 50, 30, tzinfo=UTC)),
        ("2026-03-01T22:00:00Z", datetime(2026, 3, 1, 22, tzinfo=UTC)),
        ("2026-03-01T22:00:00+02:00", datetime(2026, 3, 1, 20, tzinfo=UTC)),
        ("2026-03-01 22:00", datetime(2026, 3, 1, 21, tzinfo=UTC)),
    ],
)
def test_a_time_is_meant_as_this_machines_clock_shows_it(text, moment):
    """A time of day is its last occurrence, also just after midnight; a moment with a zone is that moment."""
    assert parse_moment(text, NOW) == moment


@pytest.mark.parametrize("text", ["", "soon", "25:00", "2026-13-01T00:00:00Z", "10 minutes ago", "9"])
def test_what_is_no_time_is_wrong_use(text):
    """A time that cannot be read is told, not guessed."""
    with pytest.raises(typer.BadParameter):
        parse_moment(text, NOW)
