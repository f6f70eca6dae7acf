"""What an attempt comes to, and what the next one goes by: how long it has been tried, and when it is tried next."""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from patience import PATIENCE
from pydantic import BaseModel

from worker.domain.errors import Forbidden, Held, Throttled, Unreachable
from worker.domain.event import Event
from worker.domain.incident import Incident
from worker.domain.lease import Lease
from worker.domain.settlement import Complete, DeadLetter, RetryLater
from worker.domain.states import LaunchState
from worker.engine.executor import Timing
from worker.engine.launcher import Launcher, put_off
from worker.engine.step import Lookup, Step

HALF_AN_HOUR = timedelta(minutes=30)
INCIDENT = Incident(key="k", event=Event(title="Down", key="k"), received_at=datetime.now(UTC))


class Found(BaseModel, frozen=True):
    name: str


@dataclass
class LookUp(Lookup[Found]):
    """Fails as it is told to, one error for each attempt."""

    errors: list

    name = "look-up"
    result = Found

    def describe(self, result):
        return result.name

    async def run(self, incident, done):
        if self.errors and (error := self.errors.pop(0)) is not None:
            raise error
        return Found(name="ada")


@pytest.fixture
def launcher(stores):
    def failing(*errors):
        timing = Timing(allowance=PATIENCE, lookup_lag=timedelta(seconds=1))
        return Launcher((LookUp(list(errors)),), stores, timing, give_up_after=timedelta(hours=1))

    return failing


def slow(*, outage=False):
    error = Throttled("The directory is slow.", retry_after=HALF_AN_HOUR)
    error.outage = outage
    return error


def launch(launcher):
    return launcher.launch(INCIDENT, asyncio.Event())


async def test_waits_count_towards_giving_up(launcher, stores):
    """Who waits half an hour after each attempt has used up an hour after the second."""
    launcher = launcher(*[slow()] * 3)
    decided = [await launch(launcher) for _ in range(3)]
    assert [type(each) for each in decided] == [RetryLater, RetryLater, DeadLetter]
    assert decided[2].description.startswith("Given up after 1 h 0 min and 3 attempts.")
    assert (await stores.incidents.summary(INCIDENT.id)).state is LaunchState.FAILED


async def test_an_outage_uses_up_no_time(launcher):
    """However often it is met, what comes after it has as much time as ever."""
    launcher = launcher(*[slow(outage=True)] * 5, slow(), None)
    decided = [await launch(launcher) for _ in range(7)]
    assert [type(each) for each in decided] == [RetryLater] * 6 + [Complete]
    assert [each.outage for each in decided[:6]] == [True] * 5 + [False]


async def test_the_time_of_the_next_attempt_is_known(launcher, stores):
    """Whoever looks meanwhile sees what it waits for, and till when."""
    before = datetime.now(UTC)
    await launch(launcher(slow()))
    history = await stores.incidents.history(INCIDENT.id)
    assert before + HALF_AN_HOUR <= history.next_try_at <= datetime.now(UTC) + HALF_AN_HOUR
    assert history.failure == "look-up: The directory is slow."
    assert history.launched_at is None


async def test_what_no_attempt_mends_fails_at_once(launcher, stores):
    """The incident says why, in the words of the dead letter, and no attempt follows."""
    decided = await launch(launcher(Forbidden("No right.")))
    assert decided == DeadLetter("Forbidden:look-up", "look-up: No right.")
    history = await stores.incidents.history(INCIDENT.id)
    assert (history.state, history.failure) == (LaunchState.FAILED, "Forbidden:look-up. look-up: No right.")
    assert history.next_try_at is None


async def test_a_launch_is_in_the_list_from_its_first_attempt_on(launcher, stores):
    """Also while it fails; and it is done only once it stands there."""
    await launch(launcher(slow()))
    [listed] = await stores.listing.newest(10)
    assert listed.incident_id == INCIDENT.id


async def test_while_another_worker_has_it_its_lease_is_waited_out(launcher, stores):
    """The message comes again when that ends, and not before."""
    assert isinstance(await stores.incidents.lease(INCIDENT, []), Lease)
    decided = await launch(launcher())
    assert not decided.outage
    assert PATIENCE - timedelta(seconds=30) < decided.delay <= PATIENCE + timedelta(seconds=2)


@pytest.mark.parametrize(
    ("error", "seconds", "outage"),
    [
        (Held("Held.", retry_after=timedelta(seconds=7)), 7, False),
        (Held("Held."), None, False),
        (Unreachable("The store is away.", retry_after=timedelta(hours=1)), None, True),
    ],
    ids=["held for so long", "held", "the store is away"],
)
def test_what_hinders_any_launch_is_not_the_incidents_fault(error, seconds, outage):
    """Only a lease says how long; a store that is away is asked again after a moment."""
    decided = put_off(error)
    assert (decided.because, decided.outage) == (str(error), outage)
    if seconds is None:
        assert timedelta() < decided.delay <= timedelta(minutes=1)
    else:
        assert decided.delay == timedelta(seconds=seconds)


async def test_a_store_that_fails_is_asked_whether_it_answers(launcher, table):
    """Whoever waits for it goes on as soon as it does."""
    launcher = launcher()
    launcher.tables.__init__("tables", spoken="the table", pause=timedelta(milliseconds=1), failures=1)
    with pytest.raises(Unreachable), launcher.tables.guard():
        raise Unreachable("The table does not answer.")
    async with asyncio.timeout(PATIENCE.total_seconds()):
        await launcher.wait_for_store()
    assert await launch(launcher) == Complete()


class Send(Step[Found]):
    """Looks what is stored of itself at the moment in which its request would leave."""

    name = "send"
    needs = (LookUp,)
    result = Found

    def __init__(self, table, errors=()):
        self._table, self._errors = table, list(errors)
        self.stored = []

    def describe(self, result):
        return result.name

    async def find(self, incident, done):
        return None

    async def run(self, incident, done):
        rows = self._table.partitions()[incident.id]
        self.stored += [(row["state"], row["attempt"]) for row in rows if row["RowKey"] == "step:send"]
        if self._errors:
            raise self._errors.pop(0)
        return Found(name="sent")


async def test_nothing_leaves_before_it_is_stored_that_it_began(stores, table):
    """In each attempt anew: whoever comes after a crash knows that it may have been applied."""
    timing = Timing(allowance=PATIENCE, lookup_lag=timedelta(seconds=1))
    send = Send(table, [Throttled("slow")])
    launcher = Launcher((LookUp([]), send), stores, timing, give_up_after=timedelta(hours=1))
    assert isinstance(await launch(launcher), RetryLater)
    assert await launch(launcher) == Complete()
    assert send.stored == [("begun", 1), ("begun", 2)]


class Elsewhere(LookUp):
    """A step that no playbook here has."""

    name = "elsewhere"


class Wishing(Send):
    """Wants the look-up and what nobody does; needs neither."""

    needs = ()
    wants = (LookUp, Elsewhere)

    async def run(self, incident, done):
        self.stored.append(done.wanted(LookUp))
        return Found(name="sent")


@pytest.mark.parametrize("errors", [[], [Forbidden("No right.")]], ids=["came", "failed"])
async def test_a_step_waits_for_what_may_still_come_and_for_nothing_else(stores, table, errors):
    """What it wants and gets it has; what failed, and what is in no playbook, it does without."""
    timing = Timing(allowance=PATIENCE, lookup_lag=timedelta(seconds=1))
    wishing = Wishing(table)
    launcher = Launcher((LookUp(list(errors)), wishing), stores, timing, give_up_after=timedelta(hours=1))
    async with asyncio.timeout(PATIENCE.total_seconds() / 4):
        await launch(launcher)
    assert wishing.stored == [None if errors else Found(name="ada")]
