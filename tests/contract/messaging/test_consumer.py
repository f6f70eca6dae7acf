"""The receivers together, on the real SDK: waiting, pausing, draining, and faults of our own."""

import asyncio
import contextlib
import threading
from datetime import timedelta

import pytest
from azure.servicebus.exceptions import ServiceBusServerBusyError
from house import eventually
from marked import MARKS
from patience import LIMIT, PATIENCE
from queue_bench import QueueBench

from worker.domain.errors import Throttled, Unreachable
from worker.domain.settlement import Complete, RetryLater
from worker.messaging import delivery
from worker.messaging.consumer import Consumer
from worker.messaging.decoding import Decoder
from worker.messaging.poll_status import Activity
from worker.messaging.watchdog import PollsStopped
from worker.resilience.circuit_breaker import Breaker, State

# The SDK leaves the sockets of broken connections to the garbage collector, which is noisy about it.
pytestmark = [
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


AS_USUAL = Decoder()


class Script:
    """A launcher that does with each incident what its test says: one answer for each attempt, then Complete."""

    def __init__(self):
        self.answers = {}
        self.attempts = []
        self.tables = Breaker("tables", pause=timedelta(milliseconds=100), failures=1)
        self.store = None

    async def handle(self, incident, stopping, broker_time):
        self.attempts.append(incident.key)
        answers = self.answers.get(incident.key, [])
        if not answers:
            return Complete()
        answer = answers.pop(0)
        return await answer(incident, stopping) if callable(answer) else answer

    async def wait_for_store(self):
        while self.tables.state is not State.CLOSED:
            await self.tables.wait_until_passable()
            with contextlib.suppress(Unreachable), self.tables.guard():
                if self.store:
                    raise self.store

    def store_down(self):
        self.store = Unreachable("The table store does not answer.")
        with contextlib.suppress(Unreachable), self.tables.guard():
            raise self.store


@pytest.fixture
async def bench(tmp_path):
    async with QueueBench(tmp_path) as bench:
        yield bench


@pytest.fixture
def script():
    return Script()


@contextlib.asynccontextmanager
async def running(bench, script, *, limit=1, spares=0, patience=timedelta(minutes=5), drain=PATIENCE, decoder=AS_USUAL):
    receivers = [bench.receiver(f"slot {number}") for number in range(limit + spares)]
    consumer = Consumer(receivers, decoder, script, limit=limit, patience=patience, drain=drain, marks=MARKS)
    listening = asyncio.Event()
    task = asyncio.create_task(consumer.run(listening.set))
    await asyncio.wait_for(listening.wait(), LIMIT)
    try:
        yield consumer
    finally:
        consumer.stop()
        await task


async def launched(script, *keys):
    return [key for key in keys if key in script.attempts] == list(keys)


async def empty(bench):
    return await left(bench, 0)


async def left(bench, number):
    return bench.counts.active == number


async def test_a_message_that_waits_keeps_nobody_from_the_queue(bench, script, monkeypatch, loop_clock):
    """With one permit, a second message is received and launched while the first one waits for its next attempt."""
    monkeypatch.setattr(delivery, "_NOT_WORTH_RELEASING", timedelta())
    second_done = asyncio.Event()

    async def tell(*_):
        second_done.set()
        return Complete()

    script.answers = {"Waits": [RetryLater(PATIENCE, "slow")], "Second": [tell]}
    async with running(bench, script, limit=1, spares=1):
        await bench.send("Waits")
        await eventually(lambda: launched(script, "Waits"))
        await bench.send("Second")
        await asyncio.wait_for(second_done.wait(), LIMIT)
        assert script.attempts == ["Waits", "Second"]
        loop_clock.move(PATIENCE)
        await eventually(lambda: empty(bench))
    assert script.attempts == ["Waits", "Second", "Waits"]
    assert bench.counts.dead_lettered == 0


async def test_beyond_the_spares_a_wait_is_a_copy(bench, script):
    """No slot stands idle for a message: where no other could take its permit, the wait is the broker's."""
    script.answers = {"Waits": [RetryLater(timedelta(seconds=30), "slow")]}
    async with running(bench, script, limit=1, spares=0):
        await bench.send("Waits", "Second")
        await eventually(lambda: launched(script, "Waits", "Second"))
        await eventually(lambda: empty(bench))
    assert bench.counts.scheduled == 1


async def test_a_wait_of_minutes_is_a_copy(bench, script):
    """Also where a slot could be spared."""
    script.answers = {"Waits": [RetryLater(timedelta(minutes=5), "slow")]}
    async with running(bench, script, limit=1, spares=1):
        await bench.send("Waits")
        await eventually(lambda: empty(bench))
    assert bench.counts.scheduled == 1


async def test_what_waits_for_others_is_a_copy(bench, script):
    """However short its wait is, and though a slot could be spared: those others are to be received meanwhile."""
    script.answers = {"Waits": [RetryLater(timedelta(seconds=2), "others are first", crowded=True)]}
    async with running(bench, script, limit=1, spares=1):
        await bench.send("Waits")
        await eventually(lambda: empty(bench))
        assert bench.counts.scheduled == 1


async def test_no_more_slots_listen_than_there_are_limit(bench, script):
    """Those that stand by hold no connection."""
    async with running(bench, script, limit=2, spares=3) as consumer:
        await eventually(lambda: polling(consumer, 2))
        assert len(bench.server._namespace.connections) == 2


async def polling(consumer, number):
    return sum(polls.activity is Activity.POLLING for polls in consumer.statuses) == number


async def test_a_waiting_message_goes_back_with_what_is_left_of_its_wait(bench, script, monkeypatch):
    """A stop does not burn a delivery: the rest of the wait is the broker's."""
    monkeypatch.setattr(delivery, "_NOT_WORTH_RELEASING", timedelta())
    script.answers = {"Waits": [RetryLater(timedelta(seconds=40), "slow")]}
    async with running(bench, script, limit=1, spares=1) as consumer:
        await bench.send("Waits")
        await eventually(lambda: waiting(consumer))
    assert bench.counts.active == 0
    assert bench.counts.scheduled == 1


async def waiting(consumer):
    return any(polls.activity is Activity.WAITING for polls in consumer.statuses)


async def test_while_the_table_is_down_nothing_is_received_and_nothing_burnt(bench, script):
    """The message in hand stays there under its lock, the others stay in the queue; all go on when it is back."""

    async def fail(*_):
        script.store_down()
        return RetryLater(timedelta(seconds=1), "The table store does not answer.", outage=True)

    script.answers = {"First": [fail]}
    async with running(bench, script, limit=2) as consumer:
        await bench.send("First")
        await eventually(lambda: waiting(consumer))
        await eventually(lambda: paused(consumer))
        await bench.send("Second", "Third")
        await asyncio.sleep(1)  # ten probes; that nothing is received shows only in time
        states = {message["message_id"]: message["locked_until"] is not None for message in bench.messages}
        assert sorted(states.values()) == [False, False, True]
        assert script.attempts == ["First"]
        script.store = None
        await eventually(lambda: empty(bench))
    assert script.attempts[1] == "First"
    assert sorted(script.attempts) == ["First", "First", "Second", "Third"]
    assert bench.counts.dead_lettered == 0


async def paused(consumer):
    return any(polls.activity is Activity.PAUSED for polls in consumer.statuses)


async def test_a_lost_lock_ends_the_launch_between_two_steps(tmp_path, script, seen):
    """The launch is told to begin no further step, and settles nothing, for the message is another's; it is counted."""
    told = []

    async def until_told(_, stopping):
        await asyncio.wait_for(stopping.wait(), LIMIT)
        told.append("told")
        return Complete()

    async with QueueBench(tmp_path, lock=timedelta(seconds=4), still=True) as bench:
        script.answers = {"Lost": [until_told]}
        async with running(bench, script):
            await bench.send("Lost")
            await eventually(lambda: launched(script, "Lost"))
            [message] = bench.server.broker.peek("incidents", 0, 1)
            bench.server.broker.abandon("incidents", message.lock_token)
            await eventually(lambda: empty(bench))
    assert told == ["told"]
    assert script.attempts == ["Lost", "Lost"]
    assert seen.numbers["tocsin_locks_lost_total",] == 1


async def test_a_stop_lets_the_running_step_end(bench, script):
    """What ends in time is settled as it ended."""
    running_on = asyncio.Event()

    async def end_when_told(_, stopping):
        running_on.set()
        await stopping.wait()
        return RetryLater(timedelta(), "The worker is stopping.")

    script.answers = {"Runs": [end_when_told]}
    async with running(bench, script) as consumer:
        await bench.send("Runs")
        await asyncio.wait_for(running_on.wait(), LIMIT)
        consumer.stop()
        assert consumer.draining
    [message] = bench.messages
    assert message["locked_until"] is None
    assert message["delivery_count"] == 1


async def test_a_call_that_hangs_does_not_keep_the_message(bench, script, monkeypatch):
    """When the time to drain is over, the message is handed back at once, not only when its lock is over."""
    monkeypatch.setattr("worker.messaging.consumer._ABANDONING", PATIENCE)
    hangs = asyncio.Event()

    async def hang(*_):
        hangs.set()
        await asyncio.Event().wait()

    script.answers = {"Hangs": [hang]}
    async with running(bench, script, drain=timedelta(seconds=0.2)) as consumer:
        await bench.send("Hangs")
        await asyncio.wait_for(hangs.wait(), LIMIT)
        consumer.stop()
    [message] = bench.messages
    assert message["locked_until"] is None


async def test_a_fault_of_ours_costs_no_slot(tmp_path, script):
    """A launch that crashes leaves its message to its lock; the slot takes the next one."""

    async def crash(*_):
        raise KeyError("a fault of ours")

    async with QueueBench(tmp_path, still=True) as bench:
        script.answers = {"Crashes": [crash]}
        async with running(bench, script):
            await bench.send("Crashes", "Next")
            await eventually(lambda: launched(script, "Crashes", "Next"))
            await eventually(lambda: left(bench, 1))
            bench.later(bench.lock)
            await eventually(lambda: empty(bench))
    assert script.attempts.count("Crashes") == 2


async def test_a_silent_queue_ends_the_worker_with_a_sentence(bench, script):
    """Reconnects are tried in vain for longer than the patience, and the run ends so that the next one can begin."""
    consumer = Consumer([bench.receiver()], Decoder(), script, limit=1, patience=timedelta(seconds=2), marks=MARKS)
    listening = asyncio.Event()
    running_on = asyncio.create_task(consumer.run(listening.set))
    await asyncio.wait_for(listening.wait(), LIMIT)
    await bench.server.close()
    with pytest.raises(PollsStopped, match="No poll of the queue has succeeded for 2 s"):
        await asyncio.wait_for(running_on, LIMIT)
    await bench.restart()


async def test_a_message_is_decoded_beside_the_event_loop(bench, script):
    """However much is in it, the locks of the others are renewed meanwhile."""
    decoding, went_on = threading.Event(), threading.Event()
    in_time = []

    class Slow(Decoder):
        def events_of(self, message):
            decoding.set()
            in_time.append(went_on.wait(LIMIT))
            return super().events_of(message)

    async with running(bench, script, decoder=Slow()):
        await bench.send("Large")
        assert await asyncio.to_thread(decoding.wait, LIMIT)
        # Nobody gets here while the loop itself decodes.
        went_on.set()
        await eventually(lambda: launched(script, "Large"))
    assert in_time == [True]


async def test_a_busy_queue_is_left_alone_for_as_long_as_it_asks(bench, script, monkeypatch, loop_clock, seen):
    """It is not asked again before, and then goes on; and a link that broke is counted."""
    asked_for, asked, receivers = timedelta(minutes=10), [], []
    polled = QueueBench.receiver

    def busy_once(self, name):
        receivers.append(polled(self, name))
        ensure_open = receivers[-1]._ensure_open

        async def refused():
            asked.append(1)
            if len(asked) == 2:
                raise ServiceBusServerBusyError(message="busy")
            return await ensure_open()

        monkeypatch.setattr(receivers[-1], "_ensure_open", refused)
        return receivers[-1]

    monkeypatch.setattr(QueueBench, "receiver", busy_once)
    monkeypatch.setattr(
        "worker.messaging.receiver.translated", lambda error, what: Throttled(what, retry_after=asked_for)
    )
    async with running(bench, script) as consumer:
        await bench.send("Later")
        await eventually(lambda: failed(consumer))
        loop_clock.move(asked_for - timedelta(minutes=1))
        await asyncio.sleep(0.2)
        assert len(asked) == 2
        loop_clock.move(timedelta(minutes=1))
        await eventually(lambda: empty(bench))
    assert script.attempts == ["Later"]
    assert seen.numbers["tocsin_reconnects_total",] == 1


async def failed(consumer):
    return consumer.statuses[0].failures == 1
