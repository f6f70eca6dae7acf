"""Events too large for a message, against a real table store: nothing of them is missing when they are launched."""

import asyncio
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta

import pytest
from azure.data.tables.aio import TableClient
from patience import LIMIT
from pydantic import BaseModel

from handlers.launch.work_item_description import description
from worker.domain.encoded_event import MESSAGE_LIMIT, EncodedEvent
from worker.domain.errors import Unreachable
from worker.domain.event import Event, decode
from worker.domain.incident import Incident
from worker.domain.settlement import Complete, RetryLater
from worker.engine.executor import Timing
from worker.engine.launcher import Launcher
from worker.engine.step import Step
from worker.settings import Settings
from worker.storage.stores import open_stores

NOW = datetime(2026, 3, 2, 9, 5, tzinfo=UTC)


def event(raw, **facts):
    return Event(title="Checkout is down", key="k", received_at=NOW, raw=raw, **facts)


async def fit(store, given):
    return await store.oversize.fit(EncodedEvent.of(given))


def raw_of(size, character="x"):
    """An alert of so many bytes."""
    return {"alerts": [character * 100] * (size // (100 * len(character.encode()) + 3))}


WIDE = "🔥" * 32_000
LINKS = [{"href": f"https://a.example/{'p' * 2_000}", "text": "🔥" * 256}] * 50
LARGE = {
    "240 KB": event(raw_of(245_000)),
    "600 KB": event(raw_of(600_000)),
    "1 MB": event(raw_of(1_000_000)),
    "2 MB": event(raw_of(1_990_000)),
    "600 KB, four bytes each": event(raw_of(600_000, "🔥")),
    "a text as the alert": event("🔥" * 200_000),
    "long texts": event(None, description=WIDE, impact=WIDE),
    "long texts and an alert": event(raw_of(600_000), description=WIDE, impact=WIDE),
    "long lists": event(raw_of(9_000), links=LINKS, labels={f"{n}": "🔥" * 256 for n in range(100)}),
}


@pytest.fixture
async def stores(settings):
    """The intake's and two workers' views of one table."""
    async with AsyncExitStack() as stack:
        opened = [await stack.enter_async_context(open_stores(settings, owner=owner)) for owner in ("0", "1", "2")]
        await opened[0].table.prepare()
        yield opened


@pytest.fixture
async def table(settings):
    connection = settings.tables_connection_string.get_secret_value()
    async with TableClient.from_connection_string(connection, settings.tables_incidents) as client:
        yield client


async def rows_in(table):
    return [row async for row in table.list_entities()]


@pytest.mark.parametrize("given", LARGE.values(), ids=LARGE)
async def test_a_large_event_comes_out_whole(stores, given):
    """Its message is small enough and is the same event, and the worker has all of it again."""
    sent = await fit(stores[0], given)
    assert len(sent.body) <= MESSAGE_LIMIT
    assert sent.message_id == given.id
    received = decode(sent.body)
    assert received == sent.event
    assert (received.id, received.key, received.title) == (given.id, given.key, given.title)
    whole = await stores[1].oversize.restore(received)
    assert whole.model_copy(update={"remainder": None}) == given
    assert whole.id == given.id


async def test_texts_stay_in_the_message_where_they_can(stores):
    """Only the alert as it was received is left out where that is enough, and of long texts the beginning stays."""
    lean = (await fit(stores[0], event(raw_of(600_000), description="what happened"))).event
    assert (lean.raw, lean.description) == (None, "what happened")
    lean = (await fit(stores[0], event(None, description=WIDE, impact=WIDE))).event
    assert lean.description == WIDE[:1_000] + "…"


async def test_an_ordinary_event_leaves_no_row(stores, table):
    """What fits into a message goes as it is, and the table is not asked."""
    given = EncodedEvent.of(event(raw_of(200_000)))
    assert await stores[0].oversize.fit(given) is given
    assert await rows_in(table) == []


async def test_the_same_alert_sent_twice_is_stored_once(stores, table):
    """A storm of the same large alert takes the room of one, whenever each was received."""
    given = event(raw_of(600_000), occurred_at=NOW)
    first = await fit(stores[0], given)
    stored = {row["RowKey"] for row in await rows_in(table)}
    again = await fit(stores[0], given.model_copy(update={"received_at": NOW + timedelta(hours=1)}))
    assert again.event.remainder == first.event.remainder
    assert {row["RowKey"] for row in await rows_in(table)} == stored


async def test_two_tellings_of_one_event_do_not_mix(stores):
    """Alerts that say the same in different words keep each their own."""
    tellings = [event(raw_of(600_000)), event(raw_of(500_000))]
    messages = [(await fit(stores[0], given)).event for given in tellings]
    assert messages[0].id == messages[1].id
    assert [(await stores[1].oversize.restore(message)).raw for message in messages] == [each.raw for each in tellings]


async def test_rows_that_are_gone_do_not_stop_the_launch(stores, table):
    """What is not stored any more, or is not what was stored, is said in its place."""
    message = (await fit(stores[0], event(raw_of(1_000_000), description="what happened"))).event
    first, *_ = await rows_in(table)
    await table.delete_entity(first)
    whole = await stores[1].oversize.restore(message)
    assert whole.description == "what happened"
    assert "not stored any more" in whole.raw


async def test_a_store_that_is_down_is_said_to_be_down(azurite):
    """An outage is no reason to leave anything out: neither when it is stored nor when it is fetched."""
    nobody = "http://127.0.0.1:9/devstoreaccount1"
    settings = Settings.read(_env_file=None, tables_connection_string=azurite.replace(azurite_address(azurite), nobody))
    async with open_stores(settings, owner="0") as store:
        with pytest.raises(Unreachable, match="Tried to set aside"):
            await fit(store, event(raw_of(600_000)))
        with pytest.raises(Unreachable, match="Tried to read the table"):
            await store.oversize.restore(event(None).model_copy(update={"remainder": f"{'0' * 64}-{'1' * 64}"}))


def azurite_address(connection):
    return dict(part.split("=", 1) for part in connection.split(";") if part)["TableEndpoint"]


async def test_where_it_can_never_be_stored_the_facts_go_alone(settings):
    """An intake that may not write the table, or finds none, still launches, and says what is missing."""
    async with open_stores(settings, owner="0") as store:
        sent = await fit(store, event(raw_of(600_000), description="what happened"))
    lean = decode(sent.body)
    assert (lean.remainder, lean.description) == (None, "what happened")
    assert lean.raw.startswith("Left out")


class Made(BaseModel, frozen=True):
    words: int


class Describe(Step[Made]):
    """Writes the work item's description down, where there is no board."""

    name = "describe"
    result = Made

    def __init__(self):
        self.written = []

    async def find(self, incident, done):
        return None

    async def run(self, incident, done):
        self.written.append(description(incident))
        return Made(words=len(self.written[-1].split()))


async def test_a_launch_has_the_alert_also_after_a_kill(stores, hasty_settings):
    """The worker that takes over from a dead one describes the alert as it was received; its rows hold it once."""
    given = event({"marker": "needle", **raw_of(600_000)})
    message = decode((await fit(stores[0], given)).body)
    incident = Incident(key="k", event=message, received_at=NOW)
    async with open_stores(hasty_settings, owner="dead") as dead:
        await dead.incidents.lease(incident, [])

    step = Describe()
    timing = Timing(allowance=timedelta(seconds=1), lookup_lag=timedelta())
    launcher = Launcher([step], stores[2], timing, timedelta(hours=1))
    async with asyncio.timeout(LIMIT):
        while isinstance(decided := await launcher.launch(incident, asyncio.Event()), RetryLater):
            await asyncio.sleep(decided.delay.total_seconds())
    assert decided == Complete()
    assert "needle" in step.written[0]
    assert (await stores[0].incidents.history(incident.id)).event == message
