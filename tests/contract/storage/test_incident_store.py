"""Leases and checkpoints against a real table store."""

import asyncio
import time
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta

import pytest
from patience import PATIENCE

from worker.domain.checkpoint import Checkpoint
from worker.domain.errors import Held, Misconfigured, Unreachable
from worker.domain.event import Event
from worker.domain.incident import Incident
from worker.domain.lease import AlreadyLaunched, Closing
from worker.domain.states import LaunchState, StepState
from worker.incidents.history import AttemptOutcome
from worker.settings import Settings
from worker.storage.stores import open_stores

ALLOWANCE = timedelta(seconds=3)

LAUNCHED = Closing(LaunchState.LAUNCHED)
AGAIN = Closing(LaunchState.LAUNCHING, failure="announce: Teams was silent.")
FAILED = Closing(LaunchState.FAILED, failure="Rejected:announce. Teams said no.")


def an_incident(key="checkout-7", **facts):
    return Incident(key=key, event=Event(title="Checkout is down", key=key, **facts), received_at=datetime.now(UTC))


def begun(name, attempt=1):
    return Checkpoint(name, StepState.BEGUN, attempt, begun_at=datetime.now(UTC), allowance=ALLOWANCE)


def done(name, result='{"id":7}'):
    now = datetime.now(UTC)
    return Checkpoint(name, StepState.DONE, 1, begun_at=now, ended_at=now, result=result)


@asynccontextmanager
async def two_views_of(settings):
    async with AsyncExitStack() as stack:
        opened = [await stack.enter_async_context(open_stores(settings, owner=owner)) for owner in ("one", "two")]
        await opened[0].table.prepare()
        yield opened


async def attempted(store, incident, closing):
    lease = await store.incidents.lease(incident, [])
    await store.incidents.commit(lease, [begun("announce")], closing)


@pytest.fixture
async def stores(settings):
    """Two workers' views of one table."""
    async with two_views_of(settings) as opened:
        yield opened


@pytest.fixture
async def hasty_stores(hasty_settings):
    """The same with leases that end soon."""
    async with two_views_of(hasty_settings) as opened:
        yield opened


async def take_lease(store, incident):
    """The lease, as soon as the store lets go of the former one."""
    while True:
        try:
            return await store.incidents.lease(incident, [])
        except Held as held:
            await asyncio.sleep(held.retry_after.total_seconds())


async def test_the_first_lease_stores_its_beginnings_in_the_same_transaction(stores):
    """Whoever opens an incident has begun its first steps by the same write."""
    lease = await stores[0].incidents.lease(an_incident(), [begun("create-channel")])
    history = await stores[0].incidents.history(lease.incident.id)
    assert lease.opened
    assert [(step.name, step.state) for step in history.steps] == [("create-channel", StepState.BEGUN)]


async def test_a_held_incident_says_for_how_long(stores):
    """A second worker learns the rest of the first one's lease."""
    await stores[0].incidents.lease(an_incident(), [])
    with pytest.raises(Held) as held:
        await stores[1].incidents.lease(an_incident(), [])
    assert timedelta() < held.value.retry_after <= PATIENCE + timedelta(seconds=1.1)


async def test_an_expired_lease_goes_to_the_next_worker_with_all_that_was_stored(hasty_stores):
    """After the lease's time another worker takes over, counts an attempt and sees the checkpoints."""
    one, two = hasty_stores
    incident = an_incident()
    first = await one.incidents.lease(incident, [begun("create-channel"), begun("create-work-item")])
    await one.incidents.commit(first, [done("create-channel")])
    second = await take_lease(two, incident)
    assert second.attempt == 2
    assert not second.opened
    assert {name: step.state for name, step in second.checkpoints.items()} == {
        "create-channel": StepState.DONE,
        "create-work-item": StepState.BEGUN,
    }


async def test_a_worker_that_lost_its_lease_cannot_write(hasty_stores):
    """The late commit of the first worker is refused, and leaves no trace."""
    one, two = hasty_stores
    incident = an_incident()
    first = await one.incidents.lease(incident, [begun("create-channel")])
    await take_lease(two, incident)
    with pytest.raises(Held):
        await one.incidents.commit(first, [done("create-channel")])
    history = await two.incidents.history(incident.id)
    assert history.step("create-channel").state is StepState.BEGUN


async def test_a_commit_renews_the_lease(stores):
    """While its owner writes, a lease does not end."""
    incident = an_incident()
    lease = await stores[0].incidents.lease(incident, [])
    _, first_end = await end_of_lease(stores[1], incident)
    end = first_end
    while end < first_end + 1.5:
        await asyncio.sleep(0.3)
        await stores[0].incidents.commit(lease, [])
        end, _ = await end_of_lease(stores[1], incident)


async def end_of_lease(store, incident):
    """When the lease of another would end if it were left alone: not before the first moment, not after the second."""
    asked = time.monotonic()
    with pytest.raises(Held) as held:
        await store.incidents.lease(incident, [])
    left = held.value.retry_after.total_seconds()
    return asked + left, time.monotonic() + left


async def test_a_lease_that_was_given_back_is_free_at_once(stores):
    """A retry does not wait for the expiry of a lease whose owner is done with it."""
    incident = an_incident()
    first = await stores[0].incidents.lease(incident, [])
    await stores[0].incidents.commit(first, [], Closing(LaunchState.LAUNCHING, failure="create-channel: later"))
    second = await stores[1].incidents.lease(incident, [])
    assert second.attempt == 2


async def test_the_next_try_is_known_until_it_begins(stores):
    """Whoever looks reads when the launch goes on; the attempt that goes on, and the end of it, take that away."""
    incident, moment = an_incident(), datetime(2026, 3, 2, 9, 5, tzinfo=UTC)
    closing = Closing(LaunchState.LAUNCHING, failure="announce: Teams was silent.", next_try_at=moment)
    await attempted(stores[0], incident, closing)
    assert (await stores[1].incidents.history(incident.id)).next_try_at == moment
    lease = await stores[1].incidents.lease(incident, [])
    assert (await stores[0].incidents.history(incident.id)).next_try_at is None
    await stores[1].incidents.commit(lease, [], FAILED)
    assert (await stores[0].incidents.history(incident.id)).next_try_at is None


async def test_a_launched_incident_is_never_leased_again(stores):
    """A replay of what is done finds nothing to do."""
    incident = an_incident()
    lease = await stores[0].incidents.lease(incident, [])
    await stores[0].incidents.commit(lease, [done("announce")], Closing(LaunchState.LAUNCHED))
    assert await stores[1].incidents.lease(incident, []) == AlreadyLaunched()


async def test_a_failed_incident_can_be_leased_again(stores):
    """A replay after a dead letter starts where the launch stopped."""
    incident = an_incident()
    lease = await stores[0].incidents.lease(incident, [])
    await stores[0].incidents.commit(lease, [], Closing(LaunchState.FAILED, failure="Rejected:assign. No."))
    assert (await stores[0].incidents.history(incident.id)).failure == "Rejected:assign. No."
    assert (await stores[1].incidents.lease(incident, [])).attempt == 2


async def test_the_event_of_the_first_message_stays(stores):
    """A second message with the same key does not change what the incident is about."""
    first = an_incident(description="the first")
    lease = await stores[0].incidents.lease(first, [])
    await stores[0].incidents.commit(lease, [], Closing(LaunchState.LAUNCHING))
    second = await stores[1].incidents.lease(an_incident(description="the second"), [])
    assert second.incident.event.description == "the first"


async def test_a_large_alert_is_kept_whole(stores):
    """An event beyond what one column holds comes back as it was, characters outside the basic plane included."""
    raw = {"text": "𝄞é" * 40_000}
    incident = an_incident(raw=raw)
    await stores[0].incidents.lease(incident, [])
    assert (await stores[0].incidents.history(incident.id)).event.raw == raw


async def test_each_attempt_leaves_what_it_came_to(stores):
    """A record holds the tries in their order, with who made them, how they ended and why."""
    incident = an_incident()
    for closing in (AGAIN, FAILED, LAUNCHED):
        await attempted(stores[0], incident, closing)
    record = await stores[0].incidents.record(incident.id)
    assert [(each.number, each.outcome, each.worker) for each in record.tries] == [
        (1, AttemptOutcome.AGAIN, "one"),
        (2, AttemptOutcome.FAILED, "one"),
        (3, AttemptOutcome.LAUNCHED, "one"),
    ]
    assert record.tries[1].because == "Rejected:announce. Teams said no."
    assert all(each.began_at <= each.ended_at for each in record.tries)
    assert await stores[0].incidents.record("inc-0000000000") is None


async def test_an_outage_of_days_leaves_the_last_tries(stores, monkeypatch):
    """The rows of old tries are written over, so that reading an incident stays quick."""
    monkeypatch.setattr("worker.storage.rows._TRIES_KEPT", 2)
    incident = an_incident()
    for _ in range(3):
        await attempted(stores[0], incident, AGAIN)
    assert [each.number for each in (await stores[0].incidents.record(incident.id)).tries] == [2, 3]


async def test_an_unknown_incident_has_no_history(stores):
    """Asking for what is not there is no error."""
    assert await stores[0].incidents.history("inc-0000000000") is None


async def test_a_missing_table_is_said_to_be_missing(settings):
    """Without the table the message says what to do."""
    async with open_stores(settings, owner="one") as store:
        with pytest.raises(Misconfigured, match="the table does not exist"):
            await store.incidents.lease(an_incident(), [])


async def test_a_store_that_is_away_is_unreachable():
    """Nobody listens, and the lease is not taken."""
    settings = Settings.read(
        _env_file=None,
        tables_connection_string="DefaultEndpointsProtocol=http;AccountName=a;AccountKey=YQ==;"
        "TableEndpoint=http://127.0.0.1:9/a;",
        lease_seconds=1,
    )
    async with open_stores(settings, owner="one") as store:
        with pytest.raises(Unreachable, match="Tried to store the checkpoints"):
            await store.incidents.lease(an_incident(), [])
