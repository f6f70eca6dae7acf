"""The links of a session: messages in, messages out, credit for both."""

from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING
from uuid import UUID

from worker.sandbox.service_bus.addresses import Address
from worker.sandbox.service_bus.conditions import (
    DECODE_ERROR,
    MESSAGE_SIZE,
    NOT_IMPLEMENTED,
    REFUSALS,
    RESOURCE_LIMIT,
    Refusal,
    error_of,
)
from worker.sandbox.service_bus.messages import Delivery
from worker.sandbox.service_bus.performatives import (
    STATES,
    Accepted,
    Attach,
    Composite,
    Disposition,
    Error,
    Flow,
    Modified,
    Received,
    Rejected,
    Released,
    Target,
    Transfer,
    parse,
)
from worker.sandbox.service_bus.sections import delivery_tag, outgoing
from worker.sandbox.service_bus.serial import ahead, plus

if TYPE_CHECKING:
    from worker.sandbox.service_bus.session import Session

# What Service Bus grants a sender.
CREDIT = 1000
# Answers that a client asked for and takes no credit to receive.
MAX_WAITING_RESPONSES = 100
_TAG_BYTES = 4


class Link:
    of_queue = False

    def __init__(self, session: "Session", peer: Attach) -> None:
        self.session = session
        self.handle = peer.handle
        self.detached = False
        self.delivery_count = 0
        self.link_credit = 0

    def flow(self, peer: Flow) -> None:
        raise NotImplementedError

    def leave(self) -> None:
        """Let go of whatever stands behind the link."""


class Inbound(Link):
    """A link on which the client sends; what it sends is taken by a function, which refuses by raising."""

    def __init__(
        self, session: "Session", peer: Attach, take: Callable[[bytes, int], None], *, largest: int, of_queue: bool
    ) -> None:
        super().__init__(session, peer)
        self.of_queue = of_queue
        self.largest = largest
        self.delivery_count = peer.initial_delivery_count or 0
        self._take = take
        self._first: Transfer | None = None
        self._content = bytearray()

    def grant(self) -> None:
        self.link_credit = CREDIT
        self.session.send(self.session.flow(self))

    def flow(self, peer: Flow) -> None:
        if peer.echo:
            self.session.send(self.session.flow(self))

    def transfer(self, peer: Transfer, payload: bytes) -> None:
        if self.detached:
            return  # what the client sent before it saw the detach
        if self._first is None:
            self._first = peer
        self._content += payload
        if peer.aborted:
            self._end_of_delivery()
        elif len(self._content) > self.largest:
            self._refuse_size()
        elif not peer.more:
            self._whole(settled=bool(peer.settled or self._first.settled))

    def _whole(self, *, settled: bool) -> None:
        content = bytes(self._content)
        first = self._end_of_delivery()
        state: Composite = Accepted()
        try:
            self._take(content, first.message_format or 0)
        except REFUSALS as refusal:
            state = Rejected(error_of(refusal))
        if not settled:
            self._answer(first, state)

    def _refuse_size(self) -> None:
        error = Error(MESSAGE_SIZE, f"The message is larger than the {self.largest} bytes that this link takes.")
        # In this order, as Service Bus does: the SDK reads the cause from the first and gives up at the second.
        self._answer(self._end_of_delivery(), Rejected(error))
        self.session.detach(self, error)

    def _end_of_delivery(self) -> Transfer:
        first = self._first
        if first is None or first.delivery_id is None:
            raise Refusal(DECODE_ERROR, "The first transfer of a delivery came without a delivery-id.")
        self._first, self._content = None, bytearray()
        self.delivery_count = plus(self.delivery_count, 1)
        self.link_credit -= 1
        return first

    def _answer(self, first: Transfer, state: Composite) -> None:
        self.session.send(Disposition(role=True, first=first.delivery_id or 0, settled=True, state=state))
        # The SDK goes on at zero as if it had credit, so none is ever withheld from it.
        if self.link_credit < CREDIT // 2:
            self.grant()


class Outbound(Link):
    """A link on which the client receives; credit is a limit to the count of deliveries, not a number of its own."""

    def flow(self, peer: Flow) -> None:
        if peer.link_credit is not None:
            self.link_credit = max(0, peer.link_credit - ahead(self.delivery_count, peer.delivery_count or 0))
        self.on_credit()
        if peer.drain:
            self.delivery_count = plus(self.delivery_count, self.link_credit)
            self.link_credit = 0
        if peer.drain or peer.echo:
            self.session.send_in_order(self, self.session.flow(self, drain=peer.drain))

    def credit(self) -> int:
        return 0 if self.detached or self.session.congested else self.link_credit

    def on_credit(self) -> None:
        raise NotImplementedError

    def spend(self) -> None:
        self.link_credit -= 1
        self.delivery_count = plus(self.delivery_count, 1)


class Subscription(Outbound):
    """A receiver of a queue; to the broker it is a consumer."""

    of_queue = True

    def __init__(self, session: "Session", peer: Attach, entity: str, *, receive_and_delete: bool) -> None:
        super().__init__(session, peer)
        self.entity = entity
        self._broker = session.namespace.broker
        self._receive_and_delete = receive_and_delete

    def join(self) -> None:
        self._broker.subscribe(self.entity, self, receive_and_delete=self._receive_and_delete)

    def leave(self) -> None:
        self._broker.unsubscribe(self)

    def on_credit(self) -> None:
        self._broker.dispatch(self.entity)

    def deliver(self, delivery: Delivery) -> None:
        self.spend()
        token = delivery.lock_token
        tag = delivery_tag(token) if token else self.delivery_count.to_bytes(_TAG_BYTES, "big")
        delivery_id = self.session.deliver(self, tag, outgoing(delivery), settled=token is None)
        if token:
            self.session.unsettled[delivery_id] = (self, token)

    def settle(self, delivery_id: int, token: UUID, peer: Disposition) -> None:
        if peer.state is None:
            if peer.settled:
                del self.session.unsettled[delivery_id]  # forgotten without an outcome: the lock will run out
            return
        state = parse(peer.state, *STATES)
        if isinstance(state, Received):
            return
        del self.session.unsettled[delivery_id]
        answer = self._settled(token, state)
        if not peer.settled and not self.session.namespace.faults.mutes():
            self.session.send(Disposition(role=False, first=delivery_id, settled=True, state=answer))

    def _settled(self, token: UUID, state: Composite) -> Composite:
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
            self._broker.dead_letter(self.entity, token, *_reasons(state.error))
            return Rejected()  # with an error it would mean that dead-lettering failed
        elif isinstance(state, Modified):
            self._abandon(token, state)
        return state

    def _abandon(self, token: UUID, state: Modified) -> None:
        if state.undeliverable_here:
            raise Refusal(NOT_IMPLEMENTED, "Deferring messages is not part of this stand-in.")
        if state.message_annotations:
            raise Refusal(NOT_IMPLEMENTED, "Changing properties of an abandoned message is not part of this stand-in.")
        if state.delivery_failed:
            self._broker.abandon(self.entity, token)
        else:
            self._broker.release(self.entity, token)


def _reasons(error: Error | None) -> tuple[str | None, str | None]:
    info = error.info if error and isinstance(error.info, dict) else {}
    reason, description = info.get("DeadLetterReason"), info.get("DeadLetterErrorDescription")
    return (
        reason if isinstance(reason, str) else None,
        description if isinstance(description, str) else error.description if error else None,
    )


class Responses(Outbound):
    """Where the answers to requests go: management's, and those about tokens."""

    def __init__(self, session: "Session", peer: Attach, address: Address) -> None:
        super().__init__(session, peer)
        self.address = address
        self.target = parse(peer.target, Target).address
        self._waiting: deque[bytes] = deque()

    def put(self, content: bytes) -> None:
        if len(self._waiting) >= MAX_WAITING_RESPONSES:
            raise Refusal(RESOURCE_LIMIT, f"{MAX_WAITING_RESPONSES} answers wait for this client to give credit.")
        self._waiting.append(content)
        self.on_credit()

    def on_credit(self) -> None:
        while self._waiting and self.credit():
            self.spend()
            tag = self.delivery_count.to_bytes(_TAG_BYTES, "big")
            self.session.deliver(self, tag, self._waiting.popleft(), settled=True)
