"""That nobody was told is stored and said aloud, in time, and taken back as soon as somebody was."""

import asyncio
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta

import pytest
from patience import LIMIT
from pydantic import BaseModel
from structlog.testing import capture_logs

from worker.domain.errors import Rejected, Unreachable
from worker.domain.event import Event
from worker.domain.incident import Incident
from worker.domain.page import Page
from worker.domain.settlement import Complete, DeadLetter, RetryLater
from worker.domain.states import LaunchState
from worker.engine import nobody_told
from worker.engine.executor import Timing
from worker.engine.launcher import Launcher
from worker.engine.step import Lookup, Step
from worker.incidents.filter import IncidentFilter
from worker.storage.stores import open_stores

TIMING = Timing(allowance=timedelta(hours=1), lookup_lag=timedelta())


class Call(Step[Page]):
    """Tells Ada, or does not; `ends` is what each run comes to."""

    name = "call"
    result = Page

    def __init__(self, *ends):
        self.ends = list(ends)

    async def find(self, incident, done):
        return None

    async def run(self, incident, done):
        end = self.ends.pop(0)
        if isinstance(end, asyncio.Event):
            await end.wait()
            end = True
        if isinstance(end, Exception):
            raise end
        return Page(person="ada@x.example", name="Ada", by="chat", told=end, answer="heard", why="On call.")


class Noted(BaseModel):
    """What is written of it."""


class Write(Lookup[Noted]):
    """Writes it down."""

    name = "write"
    result = Noted

    async def run(self, incident, done):
        return Noted()


class House:
    def __init__(self, stores, **age):
        self.stores = stores
        received_at = datetime.now(UTC) - timedelta(**age)
        self.incident = Incident(key="k", event=Event(title="Down", key="k"), received_at=received_at)

    async def launch(self, call):
        launcher = Launcher((call,), self.stores, TIMING, timedelta(hours=1))
        return await launcher.launch(self.incident, asyncio.Event())

    async def history(self):
        return await self.stores.incidents.history(self.incident.id)


@pytest.fixture
async def stores(settings):
    async with AsyncExitStack() as stack:
        opened = await stack.enter_async_context(open_stores(settings, owner="one"))
        await opened.table.prepare()
        yield opened


async def test_whoever_was_told_makes_it_launched(stores):
    """With when, by which way, and what it answered."""
    house = House(stores)
    assert await house.launch(Call(True)) == Complete()
    history = await house.history()
    assert history.state is LaunchState.LAUNCHED
    assert history.told_at <= history.launched_at
    (told,) = history.told
    assert (told.name, told.by, told.told, told.answer) == ("Ada", "chat", True, "heard")
    assert told.at == history.step("call").ended_at


async def test_a_launch_that_told_nobody_is_not_launched(stores):
    """It is done with and says so: in its state, in the log, and in the list of what is not launched."""
    house = House(stores)
    with capture_logs() as logged:
        assert await house.launch(Call(False)) == Complete()
    history = await house.history()
    assert history.state is LaunchState.NOBODY_TOLD
    assert history.has_ended
    assert [page.told for page in history.told] == [False]
    assert {"incident.nobody_told", "incident.ended_untold"} <= {line["event"] for line in logged}
    assert not any(line["event"] == "incident.launched" for line in logged)
    await asyncio.sleep(0)
    found = await stores.listing.newest(10, IncidentFilter(states=frozenset({LaunchState.NOBODY_TOLD})))
    assert [each.incident_id for each in found] == [house.incident.id]
    found = await stores.listing.newest(10, IncidentFilter(states=frozenset({LaunchState.LAUNCHED})))
    assert found == []


async def test_an_attempt_that_will_be_repeated_too_late_says_it(stores):
    """And the next one, which tells somebody, takes it back."""
    house = House(stores, seconds=29)
    assert isinstance(await house.launch(Call(Unreachable("Away.", retry_after=timedelta(seconds=9)))), RetryLater)
    assert (await house.history()).state is LaunchState.NOBODY_TOLD
    assert not (await house.history()).has_ended
    assert await house.launch(Call(True)) == Complete()
    assert (await house.history()).state is LaunchState.LAUNCHED


async def test_an_attempt_that_is_repeated_in_time_says_nothing_yet(stores):
    """Within half a minute the next one may tell somebody."""
    house = House(stores)
    assert isinstance(await house.launch(Call(Unreachable("Away.", retry_after=timedelta(seconds=1)))), RetryLater)
    assert (await house.history()).state is LaunchState.LAUNCHING


async def test_it_is_said_while_a_way_hangs(stores, monkeypatch):
    """In the midst of an attempt, to whoever looks; and taken back in its midst, too."""
    monkeypatch.setattr(nobody_told, "_OWN_CHANCE", timedelta(seconds=0.2))
    house, answered = House(stores, minutes=1), asyncio.Event()
    async with asyncio.timeout(LIMIT):
        launching = asyncio.create_task(house.launch(Call(answered)))
        while (history := await house.history()) is None or history.state is not LaunchState.NOBODY_TOLD:
            await asyncio.sleep(0.05)
        answered.set()
        assert await launching == Complete()
    assert (await house.history()).state is LaunchState.LAUNCHED


async def test_a_launch_that_is_given_up_tells_who_was_told(stores):
    """Its state stays failed, and nobody is said to have been told."""
    house = House(stores)
    assert isinstance(await house.launch(Call(Rejected("No."))), DeadLetter)
    history = await house.history()
    assert (history.state, history.told_at, history.told) == (LaunchState.FAILED, None, ())


async def test_what_is_over_is_recorded_and_calls_nobody(stores):
    """By steps of its own; that nobody was told of it is as it should be."""
    called, wrote = Call(True), Write()
    launcher = Launcher((called,), stores, TIMING, timedelta(hours=1), records=(wrote,))
    event = Event(title="Was down", key="past", closed=True)
    past = Incident(key="past", event=event, received_at=datetime.now(UTC) - timedelta(minutes=5))
    with capture_logs() as logs:
        assert await launcher.launch(past, asyncio.Event()) == Complete()
    history = await stores.incidents.history(past.id)
    assert (history.state, history.told_at) == (LaunchState.LAUNCHED, None)
    assert [step.name for step in history.steps] == [Write.name]
    assert len(called.ends) == 1
    assert not [each for each in logs if "told" in each["event"]]
