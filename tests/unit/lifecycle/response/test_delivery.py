"""One message of a response: what is recorded of it, what follows from it, and when it comes again."""

from dataclasses import replace
from datetime import timedelta

import pytest
from delivery_bench import NOW, DeliveryBench, act, due, incident

from worker.domain.errors import Rejected, Transient, Unreachable
from worker.domain.response.act import INTERNAL_ACTS
from worker.domain.response.actor import CLOCK
from worker.domain.settlement import Complete, DeadLetter, RetryLater
from worker.resilience.circuit_breaker import State

NOTE = act("note", text="Restarted.")


class Since:
    """For so long it has been waited for."""

    def __init__(self, waited):
        self.waited = waited

    def since(self, _):
        return self.waited


@pytest.fixture
def bench():
    return DeliveryBench()


@pytest.fixture
async def launched(bench):
    await bench.launched("k")
    return bench


async def test_an_act_is_recorded_and_its_effects_are_there_when_it_is_done_with(launched):
    """However often its message comes."""
    for _ in range(3):
        assert await launched.deliver("k", NOTE) == Complete()
    assert await launched.kinds("k") == ["note"]
    assert launched.world.made == ["note-1"]


@pytest.mark.parametrize("kind", sorted(INTERNAL_ACTS))
async def test_what_workers_do_is_taken_from_no_message(launched, kind):
    """It is told apart, and leaves nothing behind."""
    decided = await launched.deliver("k", act(kind))
    assert isinstance(decided, DeadLetter)
    assert decided.reason == "NotOurs"
    assert await launched.stands("k") is None


async def test_an_act_waits_for_the_message_that_opens_its_incident(bench):
    """For ten minutes of this worker's time, however old the message is; then a person has to look."""
    long_ago = NOW - timedelta(days=3)
    assert isinstance(await bench.deliver("new", NOTE, received_at=long_ago), RetryLater)
    for waited, settlement in ((timedelta(minutes=9), RetryLater), (timedelta(minutes=10), DeadLetter)):
        bench.delivery = replace(bench.delivery, unknown=Since(waited))
        decided = await bench.deliver("new", NOTE)
        assert isinstance(decided, settlement)
    assert decided.reason == "NoSuchIncident"
    assert incident("new").id in decided.description


@pytest.mark.parametrize("kind", ["escalation", "update", "archive", "effects"])
async def test_a_timer_of_an_incident_that_is_stored_no_more_is_nothing(bench, kind):
    """Its first act was recorded before the timer was sent, so it is behind and not ahead."""
    assert await bench.deliver("gone", due(kind, 1)) == Complete()


@pytest.mark.parametrize("given", [due("effects", 1), due("escalation", 1)])
async def test_a_timer_where_no_response_has_begun_is_nothing(launched, given):
    assert await launched.deliver("k", given) == Complete()
    assert await launched.stands("k") is None


@pytest.mark.parametrize("error", [Transient("Not now."), Unreachable("Gone.")])
async def test_what_fails_for_now_comes_again_as_an_outage(launched, error):
    """The act is recorded all the same, its outcome stands, and the next attempt makes up for what is missing."""
    launched.world.trouble["note-1"] = error
    decided = await launched.deliver("k", NOTE)
    assert isinstance(decided, RetryLater)
    assert decided.outage
    assert (await launched.stores.responses.outcome(incident("k").id, NOTE.key)).verdict == "done"
    launched.world.trouble.clear()
    assert await launched.deliver("k", NOTE) == Complete()
    assert launched.world.made == ["note-1"]


async def test_what_never_succeeds_is_done_with(launched):
    launched.world.trouble["note-1"] = Rejected("Never.")
    assert await launched.deliver("k", NOTE) == Complete()


async def test_what_has_failed_for_long_is_tried_seldom_and_yet_soon(launched):
    """Half a minute at most after the end of any outage."""
    launched.world.trouble["note-1"] = Transient("Not now.")
    delays = [
        (await launched.deliver("k", NOTE, now=NOW + age)).delay
        for age in (timedelta(), timedelta(minutes=3), timedelta(hours=6))
    ]
    assert delays[0] <= timedelta(seconds=10)
    assert delays[1] <= delays[2] == timedelta(seconds=30)


async def test_a_worker_that_stops_gives_back_what_is_not_done(launched):
    """At once: another one goes on."""
    launched.stopping.set()
    assert await launched.deliver("k", NOTE) == RetryLater(timedelta(), "The worker is stopping.")


async def test_effects_that_are_due_are_those_from_their_entry_on(launched):
    """What earlier entries owe has messages of its own."""
    launched.world.trouble |= dict.fromkeys(("note-1", "note-2", "note-3"), Transient("Not now."))
    for number in (1, 2, 3):
        await launched.deliver("k", act("note", str(number), text="Restarted."))
    launched.world.trouble.clear()
    assert await launched.deliver("k", due("effects", 2)) == Complete()
    assert sorted(launched.world.made) == ["note-2", "note-3"]


async def test_what_a_worker_records_itself_has_its_effects_by_a_message(launched):
    """Sent before it returns; where nothing follows there is none."""
    known = incident("k")
    for given, sent in ((NOTE, ["effects"]), (act("acknowledge", "2"), ["effects"])):
        await launched.delivery.record(known, given.model_copy(update={"actor": CLOCK}), NOW)
        assert [kind for kind in launched.timers() if kind == "effects"] == sent
    assert launched.world.made == []
    [(key, effects, _, at)] = [each for each in launched.sent if each[1].kind == "effects"]
    assert (key, effects.epoch, at) == ("k", 1, NOW)
    assert await launched.deliver("k", effects) == Complete()
    assert launched.world.made == ["note-1"]


async def test_a_table_that_is_away_is_known_to_be():
    """Whoever receives waits for it, and nothing is decided."""
    away = False

    async def through(kind, name, happen):
        del kind, name
        if away:
            raise Unreachable("The table does not answer.")
        return happen()

    bench = DeliveryBench(through)
    await bench.launched("k")
    away = True
    for _ in range(10):
        with pytest.raises(Unreachable):
            await bench.deliver("k", NOTE)
    assert bench.delivery.tables.state is State.OPEN
    assert bench.world.made == []
