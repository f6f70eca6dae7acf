"""The broker under any order of calls, with restarts between them, held against what must always be true."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from worker.sandbox.service_bus.broker import Broker, Incoming, LockLost, MessageNotFound, State
from worker.sandbox.service_bus.config import QueueSettings
from worker.sandbox.service_bus.store import Store

QUEUE = "incidents"
DEAD_LETTERS = "incidents/$deadletterqueue"
SECOND = timedelta(seconds=1)
SETTINGS = QueueSettings(
    QUEUE,
    lock_duration=10 * SECOND,
    max_delivery_count=2,
    default_time_to_live=60 * SECOND,
    dead_lettering_on_expiration=True,  # so that a message can only vanish by being completed or cancelled
    requires_duplicate_detection=True,
    duplicate_detection_window=20 * SECOND,
)

entities = st.sampled_from([QUEUE, DEAD_LETTERS])
some_seconds = st.integers(1, 30).map(lambda seconds: seconds * SECOND)
outlines = st.tuples(
    st.none() | st.sampled_from(["m-1", "m-2", "m-3"]),  # message id
    st.none() | some_seconds,  # time to live
    st.none() | some_seconds,  # scheduled after
)


@dataclass(frozen=True)
class Promise:
    """What a holder may count on: until then, the message is nobody else's."""

    content: bytes
    entity: str
    token: UUID
    until: datetime


class Receiver:
    def __init__(self, entity, deliver):
        self.entity = entity
        self.wanted = 0
        self._deliver = deliver

    def credit(self):
        return self.wanted

    def deliver(self, delivery):
        self.wanted -= 1
        self._deliver(self.entity, delivery)


def is_aside(message, now):
    has_expired = message.expires_at is not None and message.expires_at <= now
    return message.state is State.DEFERRED and message.lock_token is None and not has_expired


class BrokerMachine(RuleBasedStateMachine):
    """Every message has a content of its own, by which it is known wherever it goes."""

    def __init__(self):
        super().__init__()
        self.folder = TemporaryDirectory()
        self.now = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
        self.living = set()  # accepted, and neither completed nor cancelled
        self.failures = {}  # content -> failed deliveries
        self.promises = {}  # content -> the promise that holds now
        self.given = []  # every promise ever given, in order
        self.known_ids = {}  # message id -> when it may be used again
        self.scheduled = {}  # sequence number -> content and time
        self.open()

    def open(self):
        self.store = Store.open(Path(self.folder.name) / "service-bus.sqlite")
        self.broker = Broker([SETTINGS], clock=lambda: self.now, store=self.store)
        self.receivers = [Receiver(entity, self.on_delivery) for entity in (QUEUE, DEAD_LETTERS) for _ in range(2)]
        for receiver in self.receivers:
            self.broker.subscribe(receiver.entity, receiver)

    def teardown(self):
        self.store.close()
        self.folder.cleanup()

    def on_delivery(self, entity, delivery):
        assert delivery.content in self.living
        assert delivery.content not in self.promises
        assert delivery.lock_token not in {promise.token for promise in self.given}
        assert delivery.locked_until == self.now + SETTINGS.lock_duration
        promise = Promise(delivery.content, entity, delivery.lock_token, delivery.locked_until)
        self.promises[delivery.content] = promise
        self.given.append(promise)

    @rule(batch=st.lists(outlines, min_size=1, max_size=3))
    def send(self, batch):
        messages = [self.outlined(*outline) for outline in batch]
        new = [message for message in messages if self.is_new(message.message_id)]
        self.living |= {message.content for message in new}
        numbers = self.broker.send(QUEUE, messages)
        for message, number in zip(messages, numbers, strict=True):
            if message in new and message.scheduled_for:
                self.scheduled[number] = message.content, message.scheduled_for
        self.broker.flush()

    def outlined(self, message_id, time_to_live, after):
        content = f"message {len(self.failures)}".encode()
        self.failures[content] = 0
        return Incoming(content, message_id, time_to_live, after and self.now + after)

    def is_new(self, message_id):
        if message_id is None:
            return True
        known = self.known_ids.get(message_id, self.now) > self.now
        if not known:
            self.known_ids[message_id] = self.now + SETTINGS.duplicate_detection_window
        return not known

    @rule(which=st.integers(0, 3), credit=st.integers(1, 3))
    def grant(self, which, credit):
        receiver = self.receivers[which]
        receiver.wanted += credit
        self.broker.dispatch(receiver.entity)

    @precondition(lambda self: self.given)
    @rule(data=st.data(), how=st.sampled_from(["complete", "abandon", "release", "dead_letter", "defer", "renew"]))
    def settle(self, data, how):
        """Any promise, old or new: what holds is kept, what does not is refused."""
        promise = data.draw(st.sampled_from(self.given[-6:]))
        if how == "dead_letter" and promise.entity == DEAD_LETTERS:
            return
        arguments = ("Rejected", None) if how == "dead_letter" else ()
        if self.promises.get(promise.content) != promise:
            with pytest.raises(LockLost):
                getattr(self.broker, how)(promise.entity, promise.token, *arguments)
        elif how == "renew":
            self.renew(promise)
        else:
            self.end(promise, how)
            getattr(self.broker, how)(promise.entity, promise.token, *arguments)
        self.broker.flush()

    def renew(self, promise):
        renewed = replace(promise, until=self.broker.renew(promise.entity, promise.token))
        self.promises[promise.content] = renewed
        self.given[self.given.index(promise)] = renewed

    def end(self, promise, how):
        del self.promises[promise.content]
        if how == "complete":
            self.living.discard(promise.content)
        if how in {"abandon", "expire"} and promise.entity == QUEUE:
            self.failures[promise.content] += 1

    @rule(data=st.data(), entity=entities, number=st.integers(0, 12))
    def receive_deferred(self, data, entity, number):
        """One that is set aside, or any number at all."""
        aside = [m.sequence_number for m in self.broker.peek(entity, 0, 1000) if is_aside(m, self.now)]
        if aside:
            [delivery] = self.broker.take_deferred(entity, [data.draw(st.sampled_from(aside))], and_delete=False)
            self.on_delivery(entity, delivery)
        else:
            with pytest.raises(MessageNotFound):
                self.broker.take_deferred(entity, [number], and_delete=False)
        self.broker.flush()

    @precondition(lambda self: self.scheduled)
    @rule(data=st.data())
    def cancel(self, data):
        number = data.draw(st.sampled_from(sorted(self.scheduled)))
        content, time = self.scheduled[number]
        if content in self.living and time > self.now:
            self.broker.cancel(QUEUE, [number])
            self.living.discard(content)
        else:
            with pytest.raises(MessageNotFound):
                self.broker.cancel(QUEUE, [number])
        self.broker.flush()

    @rule(duration=some_seconds, ticks=st.booleans())
    def advance(self, duration, ticks):
        self.now += duration
        for promise in list(self.promises.values()):
            if promise.until <= self.now:
                self.end(promise, "expire")
        if ticks:
            self.broker.tick()

    @rule()
    def restart(self):
        """As after a kill: the file is all there is, and nobody holds anything."""
        self.broker.flush()
        self.store.close()
        self.promises.clear()
        self.open()

    @invariant()
    def every_accepted_message_is_in_exactly_one_place(self):
        self.queue, self.dead = (self.broker.peek(entity, 0, 1000) for entity in (QUEUE, DEAD_LETTERS))
        assert sorted(message.content for message in self.queue + self.dead) == sorted(self.living)
        counts = self.broker.counts(QUEUE)
        deferred, dead_deferred = (
            sum(m.state is State.DEFERRED for m in messages) for messages in (self.queue, self.dead)
        )
        assert counts.active + counts.scheduled + deferred == len(self.queue)
        assert counts.dead_lettered + dead_deferred == len(self.dead)

    @invariant()
    def numbers_name_one_message_and_rise(self):
        for messages in (self.queue, self.dead):
            numbers = [message.sequence_number for message in messages]
            assert numbers == sorted(set(numbers))
        assert not {m.sequence_number for m in self.queue} & {m.sequence_number for m in self.dead}

    @invariant()
    def promises_hold(self):
        locked = {m.content: m.lock_token for m in self.queue + self.dead if m.lock_token is not None}
        assert locked == {promise.content: promise.token for promise in self.promises.values()}

    @invariant()
    def failed_deliveries_are_counted_and_limited(self):
        assert all(message.delivery_count == self.failures[message.content] for message in self.queue + self.dead)
        assert all(message.delivery_count < SETTINGS.max_delivery_count for message in self.queue)

    @invariant()
    def nobody_waits_while_a_message_is_ready(self):
        for entity, messages in ((QUEUE, self.queue), (DEAD_LETTERS, self.dead)):
            ready = [m for m in messages if m.lock_token is None and m.state is State.ACTIVE]
            wanted = sum(receiver.wanted for receiver in self.receivers if receiver.entity == entity)
            assert not (ready and wanted)

    @invariant()
    def nothing_is_overdue(self):
        due = self.broker.next_due()
        assert due is None or due > self.now
        waiting = [m for m in self.queue if m.lock_token is None and m.state is not State.DEFERRED]
        assert all(m.expires_at > self.now for m in waiting if m.expires_at)


BrokerMachine.TestCase.settings = settings(max_examples=60, stateful_step_count=30)


class TestBrokerMachine(BrokerMachine.TestCase):
    """Whatever the order of calls, every message is in one place, with one holder, and none is lost."""
