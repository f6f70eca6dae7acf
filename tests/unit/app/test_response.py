"""What a decision looks at, read while the tables of people do not answer."""

import asyncio
from types import SimpleNamespace

import pytest
from bare_response import bare_response
from memory_table import MemoryTable, MemoryTableClient, straight, utc_now
from patience import PATIENCE
from responses import KNOWN, START

from worker.app.response import ReadCircumstances
from worker.domain.errors import Forbidden, Held, Unreachable
from worker.domain.event import Event, EventType
from worker.domain.incident import Incident
from worker.domain.response.act import DONE, Act, ActKind, Phase
from worker.domain.response.act_event import act_event
from worker.domain.response.actor import CLOCK, Actor, ActorKind, Source
from worker.domain.response.timer import Due, TimerKind
from worker.domain.settlement import Complete
from worker.engine.launcher import store_breaker
from worker.lifecycle.response.rules import ResponseRules
from worker.oncall.on_call import Roster
from worker.resilience.circuit_breaker import State
from worker.storage.stores import Stores

INCIDENT = Incident(key="k", event=Event(title="Down", service="checkout", severity=2), received_at=START)
ADA = Actor(kind=ActorKind.PERSON, id="ada@contoso.example", name="Ada")


class House:
    """A launched incident, and tables of people that answer or not."""

    def __init__(self):
        self.trouble, self.now, self.acts = None, START, 0
        table = MemoryTable(utc_now)
        table.create()
        self.stores = Stores.of(MemoryTableClient(table, straight), owner="one", lease_duration=PATIENCE)
        circumstances = ReadCircumstances(SimpleNamespace(known=self._known), self.stores, ResponseRules())
        self.tables = store_breaker(failures=2)
        self.delivery = bare_response(self.stores, self._publish, tables=self.tables, circumstances=circumstances)

    async def _known(self):
        if self.trouble is not None:
            raise self.trouble
        return SimpleNamespace(definitions=KNOWN, roster=Roster(rows=(), unreadable=()))

    async def _publish(self, encoded, *, at, mark):
        del encoded, at, mark

    async def begin(self):
        await self.stores.incidents.lease(INCIDENT, [])
        begin = Act(act=ActKind.BEGIN, id="begin", actor=CLOCK, source=Source.LAUNCH, data={"people": ["ada"]})
        await self.delivery.record(INCIDENT, begin, START)

    async def act(self, kind, **given):
        self.acts += 1
        act = Act(act=kind, id=str(self.acts), actor=given.pop("actor", ADA), source=Source.HTTP, **given)
        message = Incident(key="k", event=act_event(act, key="k", received_at=START), received_at=START)
        assert await self.delivery.deliver(message, asyncio.Event(), lambda: self.now) == Complete()
        return (await self.stores.responses.outcome(INCIDENT.id, act.id)).verdict

    async def fire(self):
        timer = (await self.response()).timers[TimerKind.ESCALATION]
        self.now = timer.due_at
        due = Due(kind=TimerKind.ESCALATION, epoch=timer.epoch, due_at=timer.due_at)
        event = Event(type=EventType.TIMER, title="Due", key="k", received_at=timer.due_at, due=due)
        message = Incident(key="k", event=event, received_at=timer.due_at)
        return await self.delivery.deliver(message, asyncio.Event(), lambda: self.now)

    async def response(self):
        return (await self.stores.responses.read(INCIDENT.id)).response


@pytest.fixture
async def house():
    house = House()
    await house.begin()
    return house


TROUBLES = [Unreachable("No answer."), Forbidden("No right to read.")]


@pytest.mark.parametrize("trouble", TROUBLES, ids=["away", "forbidden"])
async def test_people_act_while_nobody_can_say_who_they_are(house, trouble):
    """In doubt help is let in; whom the incident knows is the same person all the time."""
    house.trouble = trouble
    assert await house.act(ActKind.ACKNOWLEDGE) == DONE
    assert await house.act(ActKind.UPDATE, text="Rolled back", phase=Phase.MONITORING) == DONE
    assert await house.act(ActKind.NOTE, text="At 10:04") == DONE
    response = await house.response()
    assert (response.state, response.owner.person, response.owner.name) == ("acknowledged", "ada", "Ada")
    for kind in (ActKind.MITIGATE, ActKind.RELAPSE, ActKind.RESOLVE):
        assert await house.act(kind) == DONE, "Whoever owns it is known by that."


async def test_whom_nobody_knows_is_called_as_they_say(house):
    """By an address alone nobody is recognised."""
    house.trouble = TROUBLES[0]
    stranger = Actor(kind=ActorKind.PERSON, id="eve@contoso.example", name="Eve Ortiz")
    assert await house.act(ActKind.ACKNOWLEDGE, actor=stranger) == DONE
    owner = (await house.response()).owner
    assert (owner.person, owner.name) == ("eve@contoso.example", "Eve Ortiz")


@pytest.mark.parametrize("trouble", TROUBLES, ids=["away", "forbidden"])
async def test_a_timer_waits_for_the_people_whom_it_tells_and_holds_up_nothing_else(house, trouble):
    """Launches and acts go on, since the table of incidents answers; once they can be read the level is told."""
    house.trouble = trouble
    for _ in range(3):
        with pytest.raises(Held, match="Who is to be told cannot be read, and this waits for it: No "):
            await house.fire()
    assert house.tables.state is State.CLOSED
    house.trouble = None
    assert await house.fire() == Complete()
    told = [tell.person for entry in await house.stores.responses.entries(INCIDENT.id) for tell in entry.tells]
    assert told == ["ben"]
