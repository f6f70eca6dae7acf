"""The channel that came with the team, by which its rights are tried."""

from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest

from worker.clients.teams.client import Channel, Listed
from worker.doctor.checks.teams import primary

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def listed(name, *, days):
    created_at = NOON + timedelta(days=days) if days is not None else None
    return Listed(Channel(id=name, name=name, url="https://x", team_id="1", created_at=created_at), description="")


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_the_oldest_channel_came_with_the_team(order):
    """Whatever it is called, in whatever order they are listed; one that says no time is not it."""
    channels = [listed("General", days=0), listed("inc-1", days=1), listed("undated", days=None)]
    assert primary([channels[place] for place in order]).name == "General"


def test_a_team_that_dates_none_has_none():
    """Nothing is tried in a channel that may be anybody's."""
    assert primary([listed("undated", days=None)]) is None
