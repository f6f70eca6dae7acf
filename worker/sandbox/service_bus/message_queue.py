"""One queue with its dead letters, and the rules by which messages move."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from worker.sandbox.service_bus.changes import Changes, Saved
from worker.sandbox.service_bus.config import QueueSettings
from worker.sandbox.service_bus.entity import Entity
from worker.sandbox.service_bus.errors import MessageNotFound, NotAllowed, QuotaExceeded
from worker.sandbox.service_bus.messages import Change, Counts, DeadLetter, Delivery, Incoming, State, unchanged
from worker.sandbox.service_bus.rotation import Subscriber
from worker.sandbox.service_bus.sent_ids import Sent, SentIds

LONGEST_MESSAGE_ID = 128  # the limit of the real service


class MessageQueue:
    """Rules only: it knows neither addresses nor the clock; whoever calls it says what time it is."""

    def __init__(self, settings: QueueSettings, changes: Changes, saved: Saved) -> None:
        self.settings = settings
        self.main = Entity(settings.name)
        self.dead_letters = Entity(f"{settings.name}/$deadletterqueue")
        self._changes = changes
        self._sent_ids = SentIds()
        self._last_number = saved.last_number
        for message in saved.messages:
            (self.main if message.dead_letter is None else self.dead_letters).put(message)
        for sent in saved.sent_ids:
            self._sent_ids.remember(sent)

    @property
    def counts(self) -> Counts:
        return Counts(self.main.active_count, self.dead_letters.active_count, self.main.scheduled_count)

    def accept(self, messages: Sequence[Incoming], now: datetime) -> list[int]:
        """All of them or none; a duplicate answers with the number of the message that it repeats."""
        self._check_ids(messages)
        self._check_room(messages)
        return [self._accept(incoming, now) for incoming in messages]

    def cancel(self, entity: Entity, numbers: Iterable[int]) -> None:
        found = {number: entity.scheduled(number) for number in numbers}
        missing = [str(number) for number, message in found.items() if message is None]
        if missing:
            raise MessageNotFound(
                f"In '{entity.address}' no message is scheduled under {', '.join(missing[:10])}: cancelled before, "
                "or due already and in the queue under a new number. Nothing was cancelled."
            )
        for message in filter(None, found.values()):
            self._remove(entity, message)

    def complete(self, entity: Entity, token: UUID) -> None:
        self._remove(entity, entity.held(token))

    def abandon(self, entity: Entity, token: UUID, change: Change = unchanged) -> None:
        self._return_failed(entity, _changed(entity.held(token), change))

    def defer(self, entity: Entity, token: UUID, change: Change = unchanged) -> None:
        held = _changed(entity.held(token), change)
        self._make_ready(entity, replace(held, state=State.DEFERRED))

    def take_deferred(
        self, entity: Entity, numbers: Iterable[int], now: datetime, *, and_delete: bool
    ) -> list[Delivery]:
        """All of them or none: locked, or gone from the queue."""
        found = {number: entity.deferred(number) for number in dict.fromkeys(numbers)}
        gone = [number for number, message in found.items() if message is None or _has_expired(message, now)]
        if gone:
            raise MessageNotFound(
                f"In '{entity.address}' no message is deferred under {', '.join(map(str, gone[:10]))}: never deferred, "
                "locked by another receiver, settled already, or expired."
            )
        return [self._take(entity, message, now, and_delete=and_delete) for message in filter(None, found.values())]

    def release(self, entity: Entity, token: UUID) -> None:
        self._make_ready(entity, entity.held(token))

    def dead_letter(
        self,
        entity: Entity,
        token: UUID,
        reason: str | None,
        description: str | None,
        change: Change = unchanged,
    ) -> None:
        if entity is self.dead_letters:
            raise NotAllowed(
                f"A message of '{entity.address}' cannot be dead-lettered again. Complete it, or send a copy of it "
                f"to '{self.settings.name}' and then complete it."
            )
        self._bury(_changed(entity.held(token), change), reason, description)

    def renew(self, entity: Entity, token: UUID, now: datetime) -> datetime:
        until = now + self.settings.lock_duration
        entity.renew(token, until)
        return until

    def catch_up(self, now: datetime) -> None:
        """Do what the passing of time does to messages, and hand out those that it made ready."""
        for message_id in self._sent_ids.forget(now):
            self._changes.sent_ids[self.settings.name, message_id] = None
        self._unlock(now)
        self._start(now)
        self.hand_out(now)

    def hand_out(self, now: datetime) -> None:
        """Give ready messages to the receivers that can take them, in the order of their numbers."""
        self._expire(now)  # an abandoned message may have outlived its time while it was locked
        for entity in (self.main, self.dead_letters):
            while (message := entity.first_ready()) and (receiver := entity.receivers.next()):
                self._deliver(entity, message, receiver, now)

    def next_due(self) -> datetime | None:
        dues = (self.main.next_due(), self.dead_letters.next_due())
        return min((due for due in dues if due is not None), default=None)

    def _check_ids(self, messages: Sequence[Incoming]) -> None:
        if any(len(incoming.message_id or "") > LONGEST_MESSAGE_ID for incoming in messages):
            raise NotAllowed(
                f"A message for '{self.settings.name}' has a message id of more than {LONGEST_MESSAGE_ID} characters. "
                "Nothing was stored; shorten the id, for example by hashing it."
            )

    def _check_room(self, messages: Sequence[Incoming]) -> None:
        held = self.main.size_bytes + self.dead_letters.size_bytes
        coming = sum(len(incoming.content) for incoming in messages)
        if held + coming > self.settings.max_size_bytes:
            raise QuotaExceeded(
                f"'{self.settings.name}' and its dead letters hold {held:,} of {self.settings.max_size_bytes:,} bytes; "
                f"{coming:,} more do not fit. Nothing was stored; receive messages or clear the dead letters first."
            )

    def _accept(self, incoming: Incoming, now: datetime) -> int:
        message_id = incoming.message_id if self.settings.requires_duplicate_detection else None
        if message_id and message_id in self._sent_ids:
            return self._sent_ids.number_of(message_id)
        number = self._next_number()
        self._enter(number, incoming, now)
        if message_id:
            self._remember(Sent(message_id, number, now + self.settings.duplicate_detection_window))
        return number

    def _enter(self, number: int, incoming: Incoming, now: datetime) -> None:
        limit = self.settings.default_time_to_live
        message = Delivery(
            sequence_number=number,
            enqueued_sequence_number=number,
            content=incoming.content,
            message_id=incoming.message_id,
            delivery_count=0,
            enqueued_at=now,
            time_to_live=limit if incoming.time_to_live is None else min(incoming.time_to_live, limit),
            scheduled_for=incoming.scheduled_for,
            state=State.SCHEDULED,
        )
        if incoming.scheduled_for is None or incoming.scheduled_for <= now:
            message = _started(message, now)
        self._put(self.main, message)

    def _deliver(self, entity: Entity, message: Delivery, receiver: Subscriber, now: datetime) -> None:
        receiver.consumer.deliver(self._take(entity, message, now, and_delete=receiver.receive_and_delete))

    def _take(self, entity: Entity, message: Delivery, now: datetime, *, and_delete: bool) -> Delivery:
        if not and_delete:
            # Locks are not stored: a restarted broker has forgotten who held what.
            return entity.lock(message, now + self.settings.lock_duration)
        self._remove(entity, message)
        return message

    def _unlock(self, now: datetime) -> None:
        for entity in (self.main, self.dead_letters):
            for message in entity.take_unlocked(now):
                self._return_failed(entity, message)

    def _start(self, now: datetime) -> None:
        for message in self.main.take_started(now):
            self._remove(self.main, message)
            number = self._next_number()
            renumbered = replace(message, sequence_number=number, enqueued_sequence_number=number)
            self._put(self.main, _started(renumbered, now))

    def _expire(self, now: datetime) -> None:
        for message in self.main.take_expired(now):
            if self.settings.dead_lettering_on_expiration:
                self._bury(
                    message,
                    "TTLExpiredException",
                    f"The message waited in the queue for its whole time to live, {message.time_to_live}, and nobody "
                    "completed it.",
                )
            else:
                self._remove(self.main, message)

    def _return_failed(self, entity: Entity, message: Delivery) -> None:
        if entity is self.dead_letters:  # nothing moves on from there, so nothing is counted
            self._make_ready(entity, message)
            return
        failed = replace(message, delivery_count=message.delivery_count + 1)
        if failed.delivery_count < self.settings.max_delivery_count:
            self._make_ready(entity, failed)
        else:
            self._bury(
                failed,
                "MaxDeliveryCountExceeded",
                f"The message was delivered {failed.delivery_count} times and never settled for good; "
                f"'{self.settings.name}' allows {self.settings.max_delivery_count} deliveries.",
            )

    def _make_ready(self, entity: Entity, message: Delivery) -> None:
        self._put(entity, replace(message, lock_token=None, locked_until=None))

    def _bury(self, message: Delivery, reason: str | None, description: str | None) -> None:
        self._remove(self.main, message)
        self._put(
            self.dead_letters,
            replace(
                message,
                sequence_number=self._next_number(),
                state=State.ACTIVE,
                expires_at=None,
                lock_token=None,
                locked_until=None,
                dead_letter=DeadLetter(reason, description, source=self.settings.name),
            ),
        )

    def _next_number(self) -> int:
        self._last_number += 1
        self._changes.last_numbers[self.settings.name] = self._last_number
        return self._last_number

    def _put(self, entity: Entity, message: Delivery) -> None:
        entity.put(message)
        self._changes.messages[self.settings.name, message.sequence_number] = message

    def _remove(self, entity: Entity, message: Delivery) -> None:
        entity.remove(message)
        self._changes.messages[self.settings.name, message.sequence_number] = None

    def _remember(self, sent: Sent) -> None:
        self._sent_ids.remember(sent)
        self._changes.sent_ids[self.settings.name, sent.message_id] = sent


def _started(message: Delivery, now: datetime) -> Delivery:
    return replace(message, state=State.ACTIVE, enqueued_at=now, expires_at=_later(now, message.time_to_live))


def _changed(message: Delivery, change: Change) -> Delivery:
    return replace(message, content=change(message.content))


def _has_expired(message: Delivery, now: datetime) -> bool:
    """Nothing is done to a deferred message when its time is over, but it is not received any more."""
    return message.expires_at is not None and message.expires_at <= now


def _later(moment: datetime, duration: timedelta) -> datetime | None:
    """None is never: the longest time to live of the real service ends long after the calendar does."""
    try:
        return moment + duration
    except OverflowError:
        return None
