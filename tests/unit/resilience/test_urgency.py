"""How urgent an event is, and for whom."""

import asyncio

import pytest
from grouping_run import NOON, an_alert

from worker.domain.event import Event
from worker.domain.flood import flood_key, flood_of
from worker.resilience.urgency import Urgency, acting_with, current_urgency


@pytest.mark.parametrize(("severity", "rank"), [(1, 1), (2, 2), (3, 3), (4, 3), (5, 3)])
def test_severities_1_and_2_overtake(severity, rank):
    """All others are equal."""
    urgency = Urgency.of(Event(title="Down", severity=severity))
    assert (urgency.rank, urgency.overtakes) == (rank, rank < 3)


@pytest.mark.parametrize("severity", [1, 2, 3, 5])
def test_a_flood_is_told_before_what_is_in_it(severity):
    """Whatever its severity."""
    first = an_alert(severity=severity)
    flood = flood_of(first, flood_key(first, NOON), None)
    assert Urgency.of(flood.event).rank == min(severity, 2)


@pytest.mark.parametrize(
    ("sender", "source", "of"),
    [
        ("prometheus", "cluster-1", "prometheus"),
        ("", "cluster-1", "cluster-1"),
        ("loopback", "cluster-1", "cluster-1"),
        ("loopback", "", "loopback"),
        ("", "", ""),
    ],
)
def test_a_sender_is_who_proved_it(sender, source, of):
    """Else the source that it names, which anybody could: there is nothing better."""
    assert Urgency.of(Event(title="Down", sender=sender, source=source)).sender == of


async def test_what_is_started_within_is_as_urgent():
    """It reaches the tasks that a launch starts, and nothing beyond it."""

    async def ask():
        return current_urgency()

    with acting_with(Urgency(1, "a")):
        started = asyncio.create_task(ask())
    assert (await started, current_urgency()) == (Urgency(1, "a"), Urgency(3))
