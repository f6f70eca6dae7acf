"""Workers that tell people of their shifts, on a table and chats in memory, each of which may be killed at any call."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

from memory_table import MemoryTable, MemoryTableClient
from patience import PATIENCE

from handlers.notices import shift_playbook
from handlers.paging.ways import Ways
from worker.domain.errors import TocsinError
from worker.domain.paging_ways import read_paging_ways
from worker.engine.executor import Timing
from worker.grouping.alert_store import AlertStore
from worker.grouping.open_incidents import OpenIncidents
from worker.lifecycle.shift_delivery import ShiftDelivery
from worker.lifecycle.shift_messages import ShiftMessages
from worker.oncall.definitions import Definitions
from worker.oncall.reading.build import build
from worker.oncall.reading.given_definitions import GivenDefinitions
from worker.storage.stores import Stores

# A Monday at which the turn of the week changes, from cem to ada.
MONDAY = datetime(2027, 3, 22, 8, tzinfo=UTC)
WEEK = {"name": "week", "starts": "2027-03-01T08:00", "every": "1 week", "people": ["ada", "ben", "cem"]}
TIMING = Timing(allowance=PATIENCE, lookup_lag=timedelta(seconds=1))
# Longer than any lease and quarantine of these workers.
LATER = timedelta(minutes=5)
NORMALLY = timedelta(seconds=30)


def definitions(*layers: Any, overrides: Any = ()) -> Definitions:
    """Everybody has a record, whose object id is their name."""
    named = ("ada", "ben", "cem", "dee", "eve")
    given = {
        "people": {name: {"name": name.title(), "email": f"{name}@x.example", "object_id": name} for name in named},
        "schedules": {
            "checkout": {"time_zone": "UTC", "layers": list(layers or (WEEK,)), "overrides": list(overrides)}
        },
    }
    return build(GivenDefinitions.model_validate(given))


class Killed(Exception):
    """Whatever this worker still tries comes to nothing."""


@dataclass
class Life:
    """Of one worker: at its call number `ends_at` it is killed, when that has been applied or before.

    `error` is what its first message comes to.
    """

    ends_at: int = 0
    applied: bool = False
    error: TocsinError | None = None
    calls: int = 0
    is_over: bool = False

    async def through(self, kind: str, name: str, happen: Any) -> Any:
        del kind, name
        await asyncio.sleep(0)
        self.calls += 1
        if self.calls == self.ends_at:
            if self.applied:
                happen()
            self.is_over = True
        if self.is_over:
            raise Killed
        return happen()


@dataclass
class Chats:
    """The bot's, with one person each; they are the same for all workers."""

    life: Life
    said: dict[str, list[tuple[str, str]]]

    async def post(self, object_id: str, announcement: Any) -> str:
        def happen() -> str:
            self.said.setdefault(object_id, []).append((announcement.marker, announcement.summary))
            return "1"

        if (error := self.life.error) is not None:
            self.life.error = None
            if self.life.applied:
                happen()
            raise error
        return str(await self.life.through("write", "post", happen))

    async def find(self, object_id: str, marker: str) -> Any:
        def happen() -> Any:
            found = [mark for mark, _ in self.said.get(object_id, ()) if mark == marker]
            return SimpleNamespace(id="1", content=marker) if found else None

        return await self.life.through("read", "find", happen)


@dataclass
class ShiftBench:
    """One world: its time, what is defined in it, and what was said to whom."""

    definitions: Definitions = field(default_factory=definitions)
    now: datetime = MONDAY
    before: timedelta = timedelta(hours=48)
    said: dict[str, list[tuple[str, str]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.table = MemoryTable(lambda: self.now)
        self.table.create()

    def worker(self, life: Life | None = None, *, chats: bool = True) -> ShiftMessages:
        lives = life or Life()
        client: Any = MemoryTableClient(self.table, lives.through)
        stores = Stores.of(client, owner="one", lease_duration=PATIENCE)
        bot: Any = Chats(lives, self.said) if chats else None
        teams: Any = None
        ways = Ways(teams=teams, chats=bot, sms=None, webhooks={}, default=read_paging_ways("mention"))
        delivery = ShiftDelivery(stores.notices, lambda compose: shift_playbook(compose, ways=ways), TIMING)
        return ShiftMessages(delivery, self._read, OpenIncidents(stores, AlertStore(client)), self.before)

    async def look(self, life: Life | None = None, *, since: timedelta = NORMALLY, chats: bool = True) -> None:
        """By a worker that is started for it, and may be killed."""
        lives = life or Life()
        with suppress(Killed):
            await self.worker(lives, chats=chats).tell(self.now, since, asyncio.Event())

    def heard(self) -> dict[str, list[str]]:
        """The first sentences that each person has read."""
        return {person: [summary for _, summary in messages] for person, messages in self.said.items() if messages}

    async def _read(self) -> Definitions:
        return self.definitions
