"""A receiver of a queue: what it is given, and what it does with it."""

from functools import partial
from typing import Any
from uuid import UUID

from worker.sandbox.service_bus.channel import Channel
from worker.sandbox.service_bus.conditions import ARGUMENT, REFUSALS, Refusal, error_of
from worker.sandbox.service_bus.links import TAG_BYTES, Outbound
from worker.sandbox.service_bus.messages import Change, Delivery, unchanged
from worker.sandbox.service_bus.namespace import Namespace
from worker.sandbox.service_bus.performatives import (
    STATES,
    Accepted,
    Attach,
    Composite,
    Disposition,
    Error,
    Modified,
    Received,
    Rejected,
    Released,
    parse,
)
from worker.sandbox.service_bus.sections import delivery_tag, outgoing, with_properties

_REASONS = ("DeadLetterReason", "DeadLetterErrorDescription")


class Subscription(Outbound):
    """To the broker it is a consumer."""

    of_queue = True

    def __init__(
        self, channel: Channel, peer: Attach, namespace: Namespace, entity: str, *, receive_and_delete: bool
    ) -> None:
        super().__init__(channel, peer)
        self.entity = entity
        self._broker = namespace.broker
        self._faults = namespace.faults
        self._receive_and_delete = receive_and_delete

    def begin(self) -> None:
        self._broker.subscribe(self.entity, self, receive_and_delete=self._receive_and_delete)

    def leave(self) -> None:
        self._broker.unsubscribe(self)

    def on_credit(self) -> None:
        self._broker.dispatch(self.entity)

    def deliver(self, delivery: Delivery) -> None:
        self.spend()
        token = delivery.lock_token
        tag = delivery_tag(token) if token else self.delivery_count.to_bytes(TAG_BYTES, "big")
        delivery_id = self.channel.deliver(self.handle, tag, outgoing(delivery), settled=token is None)
        if token:
            self.channel.unsettled.add(delivery_id, self.handle, partial(self._settle, delivery_id, token))

    def _settle(self, delivery_id: int, token: UUID, peer: Disposition) -> None:
        if peer.state is None:
            if peer.settled:
                self.channel.unsettled.remove(delivery_id)  # forgotten without an outcome: the lock will run out
            return
        state = parse(peer.state, *STATES)
        if isinstance(state, Received):
            return
        self.channel.unsettled.remove(delivery_id)
        answer = self._apply_or_reject(token, state)
        if not peer.settled and not self._faults.take_mute():
            self.channel.send(Disposition(role=False, first=delivery_id, settled=True, state=answer))

    def _apply_or_reject(self, token: UUID, state: Composite) -> Composite:
        """Apply the outcome; the SDK believes only an answer with the outcome that it asked for."""
        try:
            return self._apply(token, state)
        except REFUSALS as refusal:
            return Rejected(error_of(refusal))

    def _apply(self, token: UUID, state: Composite) -> Composite:
        if isinstance(state, Accepted):
            self._broker.complete(self.entity, token)
        elif isinstance(state, Released):
            self._broker.release(self.entity, token)
        elif isinstance(state, Rejected):
            self._broker.dead_letter(self.entity, token, *_reasons(state.error), _others(state.error))
            return Rejected()  # with an error it would mean that dead-lettering failed
        elif isinstance(state, Modified):
            self._modify(token, state)
        return state

    def _modify(self, token: UUID, state: Modified) -> None:
        change = changing(state.message_annotations)
        if state.undeliverable_here:
            self._broker.defer(self.entity, token, change)
        elif state.delivery_failed:
            self._broker.abandon(self.entity, token, change)
        else:
            self._broker.release(self.entity, token)


def changing(properties: object) -> Change:
    """What is left out changes nothing; raises Refusal."""
    if not properties:
        return unchanged
    if not isinstance(properties, dict):
        raise Refusal(ARGUMENT, "The properties to modify must be a map.")
    return partial(with_properties, changes=properties)


def _others(error: Error | None) -> Change:
    return changing({name: value for name, value in _info(error).items() if name not in _REASONS})


def _info(error: Error | None) -> dict[Any, Any]:
    return error.info if error and isinstance(error.info, dict) else {}


def _reasons(error: Error | None) -> tuple[str | None, str | None]:
    reason, description = (_info(error).get(name) for name in _REASONS)
    return (
        reason if isinstance(reason, str) else None,
        description if isinstance(description, str) else error.description if error else None,
    )
