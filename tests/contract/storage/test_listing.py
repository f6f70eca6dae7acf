"""Incidents are listed the newest first and found by what they are, against a real table store."""

from datetime import UTC, datetime, timedelta

import pytest

from worker.domain.checkpoint import Checkpoint
from worker.domain.event import Event, Severity
from worker.domain.incident import Incident
from worker.domain.lease import Closing
from worker.domain.sender_scope import TRUSTED, Sender, SenderScope
from worker.domain.states import LaunchState, StepState
from worker.incidents.filter import IncidentFilter
from worker.storage.stores import open_stores

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
PLAYBOOK = ("create-work-item", "announce")

LAUNCHED = Closing(LaunchState.LAUNCHED)
AGAIN = Closing(LaunchState.LAUNCHING, failure="announce: Teams was silent.")
FAILED = Closing(LaunchState.FAILED, failure="Rejected:announce. Teams said no.")


@pytest.fixture
async def store(settings):
    async with open_stores(settings, owner="a-host/7") as opened:
        await opened.table.prepare()
        yield opened


def an_incident(number, **facts):
    event = Event(title=f"number {number}", key=f"k{number}", **facts)
    return Incident(key=f"k{number}", event=event, received_at=NOON + timedelta(minutes=number))


async def attempted(store, incident, closing):
    lease = await store.incidents.lease(incident, [], playbook=PLAYBOOK)
    await store.listing.add(incident)
    begun = Checkpoint("announce", StepState.BEGUN, 1, begun_at=datetime.now(UTC))
    await store.incidents.commit(lease, [begun], closing)


@pytest.fixture
async def five(store):
    """Two launched, two failed, one on its way; of three services and three severities."""
    for number, (closing, severity, service) in enumerate(
        [
            (LAUNCHED, 1, "Checkout"),
            (FAILED, 1, "payments"),
            (AGAIN, 3, "checkout"),
            (LAUNCHED, 5, ""),
            (FAILED, 3, "it's"),
        ]
    ):
        await attempted(store, an_incident(number, severity=severity, service=service), closing)
    return store


def numbers(found):
    return [int(history.event.title.removeprefix("number ")) for history in found]


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (IncidentFilter(), [4, 3, 2, 1, 0]),
        (IncidentFilter(states=frozenset({LaunchState.FAILED})), [4, 1]),
        (IncidentFilter(states=frozenset({LaunchState.FAILED, LaunchState.LAUNCHING})), [4, 2, 1]),
        (IncidentFilter(states=frozenset({LaunchState.LAUNCHED})), [3, 0]),
        (IncidentFilter(services=frozenset({"checkout"})), [2, 0]),
        (IncidentFilter(services=frozenset({"payments", "it's"})), [4, 1]),
        (IncidentFilter(severities=frozenset({Severity.CRITICAL, Severity.INFORMATION})), [3, 1, 0]),
        (IncidentFilter(since=NOON + timedelta(minutes=3)), [4, 3]),
        (IncidentFilter(until=NOON + timedelta(minutes=1)), [1, 0]),
        (IncidentFilter(since=NOON + timedelta(minutes=1), until=NOON + timedelta(minutes=2)), [2, 1]),
        (IncidentFilter(states=frozenset({LaunchState.LAUNCHED}), services=frozenset({"payments"})), []),
    ],
)
async def test_incidents_are_found_by_what_they_are(five, wanted, expected):
    """Each filter lets pass what it names, in any spelling of the service, and the newest come first."""
    assert numbers(await five.listing.newest(10, wanted)) == expected


async def test_the_newest_incidents_come_first(store):
    """The list is read in the order of the keys, not of the whole table."""
    for number in range(3):
        incident = an_incident(number)
        await store.incidents.lease(incident, [])
        await store.listing.add(incident)
    assert [history.event.title for history in await store.listing.newest(2)] == ["number 2", "number 1"]


async def test_a_filter_goes_on_until_there_are_enough(five, monkeypatch):
    """What does not match does not count: the list is followed, a few at a time, up to the limit and no further."""
    monkeypatch.setattr("worker.storage.listing._LOOKS_AHEAD", 1)
    launched = IncidentFilter(states=frozenset({LaunchState.LAUNCHED}))
    assert numbers(await five.listing.newest(1, launched)) == [3]
    assert numbers(await five.listing.newest(2, launched)) == [3, 0]
    assert numbers(await five.listing.newest(3, launched)) == [3, 0]


async def test_the_index_may_lag_behind_and_nothing_is_told_wrongly(store):
    """After a crash between the last commit and its note in the list, the incident is told as launched all the same."""
    incident = an_incident(1)
    await attempted(store, incident, LAUNCHED)
    await store.listing.add(incident)
    assert await store.listing.newest(1, IncidentFilter(states=frozenset({LaunchState.FAILED}))) == []
    (found,) = await store.listing.newest(1)
    assert found.state is LaunchState.LAUNCHED


async def test_what_is_not_launched_tells_its_steps(five):
    """Nobody needs the steps of a launched incident in a list; those of another say what is missing."""
    failed, launched = await five.listing.newest(2)
    assert {step.name: step.state for step in failed.steps} == {
        "create-work-item": StepState.WAITING,
        "announce": StepState.BEGUN,
    }
    assert launched.steps == ()


def of_services(*services):
    return Sender("other", SenderScope(services=services))


@pytest.mark.parametrize(
    ("seen_by", "wanted"),
    [
        (TRUSTED, [2, 1, 0]),
        (Sender("desk"), [0]),
        (Sender("it's"), [1]),
        (Sender("other"), []),
        (Sender("other", SenderScope(reads_all=True)), [2, 1, 0]),
        (Sender("desk", SenderScope(services=("SEARCH", "x"))), [2, 0]),
        (of_services("sea*"), [2]),
        (of_services(*(f"s{number}" for number in range(49)), "search"), [2]),
    ],
)
async def test_a_sender_finds_what_it_may_see(store, seen_by, wanted):
    """Its own, and that of its services, by their names or by patterns, however many."""
    for number, facts in enumerate(
        [{"sender": "desk", "service": "shop"}, {"sender": "it's"}, {"sender": "robot", "service": "Search"}]
    ):
        await attempted(store, an_incident(number, **facts), LAUNCHED)
    assert numbers(await store.listing.newest(5, IncidentFilter(seen_by=seen_by))) == wanted
    lately = IncidentFilter(seen_by=seen_by, since=NOON, services=frozenset({"search"}))
    assert numbers(await store.listing.newest(5, lately)) == [number for number in wanted if number == 2]
