"""A worker that dies between two incidents leaves neither of them wrong: what one is to tell the other is told once."""

import asyncio
from contextlib import suppress
from types import SimpleNamespace

import pytest
from bare_response import bare_response
from memory_table import MemoryTable, MemoryTableClient, utc_now
from patience import PATIENCE
from responses import KNOWN, START

from worker.app.response import ReadCircumstances
from worker.domain.event import Event
from worker.domain.incident import Incident
from worker.domain.response.act import Act, ActKind
from worker.domain.response.act_event import act_event
from worker.domain.response.actor import Actor, ActorKind
from worker.domain.response.response import fold
from worker.domain.settlement import Complete
from worker.lifecycle.response.deciding import opened
from worker.lifecycle.response.rules import ResponseRules
from worker.oncall.on_call import Roster
from worker.storage.stores import Stores

A, B, C = (
    Incident(key=key, event=Event(title=f"{key} is down", service="checkout", severity=2), received_at=START)
    for key in ("a", "b", "c")
)


class Died(BaseException):
    """As a killed process does, nobody catches it."""


class House:
    """Three launched incidents. The worker dies at the table's operation of that number, before or after it."""

    def __init__(self):
        self.deadly, self.done, self.is_before = None, 0, True
        table = MemoryTable(utc_now)
        table.create()
        self.stores = Stores.of(MemoryTableClient(table, self._through), owner="one", lease_duration=PATIENCE)
        people = SimpleNamespace(definitions=KNOWN, roster=Roster(rows=(), unreadable=()))

        async def known():
            return people

        circumstances = ReadCircumstances(SimpleNamespace(known=known), self.stores, ResponseRules())
        self.delivery = bare_response(self.stores, self._publish, circumstances=circumstances)

    async def _publish(self, encoded, *, at, mark):
        del encoded, at, mark

    async def _through(self, kind, name, happen):
        del kind, name
        self.done += 1
        if self.done != self.deadly:
            return happen()
        if not self.is_before:
            with suppress(Exception):
                happen()
        raise Died

    async def launch(self, *incidents):
        for incident in incidents:
            await self.stores.incidents.lease(incident, [])

    async def merge(self, incident, into):
        ada = Actor(kind=ActorKind.PERSON, id="ada")
        act = Act(act=ActKind.MERGE, id=f"{incident.key}-{into.key}", actor=ada, into=into.id)
        event = act_event(act, key=incident.key, received_at=START)
        message = Incident(key=incident.key, event=event, received_at=START)
        return await self.delivery.deliver(message, asyncio.Event(), lambda: START)

    async def merge_dying(self, incident, into, deadly, *, is_before):
        """Whether it died; if not, all of it has come about."""
        self.deadly, self.done, self.is_before = deadly, 0, is_before
        try:
            assert await self.merge(incident, into) == Complete()
        except Died:
            return True
        finally:
            self.deadly = None
        return False

    async def kinds(self, incident):
        entries = await self.stores.responses.entries(incident.id)
        response = (await self.stores.responses.read(incident.id)).response
        assert fold(opened(incident, START, 60.0), entries) == response
        return [entry.kind for entry in entries], response


async def each_death(is_before, prepare, incident, into):
    """The house after a merge that died at each operation in turn, and last after one that did not."""
    for deadly in range(1, 1_000):
        house = House()
        await prepare(house)
        died = await house.merge_dying(incident, into, deadly, is_before=is_before)
        yield house, died
        if not died:
            assert deadly > 6, "It was to die in the middle."
            return


@pytest.mark.parametrize("is_before", [True, False], ids=["before it is written", "before that is known"])
async def test_a_merge_that_dies_between_the_two_is_known_to_both_once(is_before):
    """Wherever that was: one entry each, and both rows are the fold of their entries."""

    async def prepare(house):
        await house.launch(A, B)

    async for house, _ in each_death(is_before, prepare, A, B):
        assert await house.merge(A, B) == Complete()
        kinds, merged = await house.kinds(A)
        assert (kinds, merged.merged_into) == (["merged"], B.id)
        kinds, other = await house.kinds(B)
        assert (kinds, other.merged_from) == (["merged-from"], (A.id,))


@pytest.mark.parametrize("is_before", [True, False], ids=["before it is written", "before that is known"])
async def test_where_the_other_one_was_merged_meanwhile_the_last_one_knows(is_before):
    """Somebody merges it while the first worker is dead; also where the second one dies as it goes on."""
    written = await _until_written()

    async def prepare(house):
        await house.launch(A, B, C)
        await house.merge_dying(A, B, written, is_before=False)
        assert await house.merge(B, C) == Complete()

    async for house, _ in each_death(is_before, prepare, A, B):
        assert await house.merge(A, B) == Complete()
        _, other = await house.kinds(B)
        assert other.merged_from == (A.id,)
        kinds, last = await house.kinds(C)
        assert kinds == ["merged-from", "merged-from"]
        assert sorted(last.merged_from) == sorted((A.id, B.id))


async def _until_written():
    """At which operation the merge itself is written, before anything is told to the other one."""
    for deadly in range(1, 1_000):
        house = House()
        await house.launch(A, B)
        await house.merge_dying(A, B, deadly, is_before=False)
        if await house.stores.responses.read(A.id) is not None:
            assert await house.stores.responses.read(B.id) is None
            return deadly
    raise AssertionError("It is never written.")
