"""The two directions of a link: messages in, messages out, and the credit for both."""

from collections.abc import Callable

from worker.sandbox.service_bus.channel import Channel
from worker.sandbox.service_bus.conditions import (
    DECODE_ERROR,
    MESSAGE_SIZE,
    REFUSALS,
    Refusal,
    error_of,
)
from worker.sandbox.service_bus.performatives import (
    Accepted,
    Attach,
    Composite,
    Detach,
    Disposition,
    Error,
    Flow,
    Rejected,
    Transfer,
)
from worker.sandbox.service_bus.serial import ahead, plus

# What Service Bus grants a sender.
CREDIT = 1000
# The length of a delivery tag that is no lock token.
TAG_BYTES = 4


class Link:
    """Attached to nothing; whatever is behind a link is for those that inherit."""

    of_queue = False
    largest: int | None = None

    def __init__(self, channel: Channel, peer: Attach) -> None:
        self.channel = channel
        self.handle = peer.handle
        self.detached = False
        self.delivery_count = 0
        self.link_credit = 0

    def begin(self) -> None:
        """Start what stands behind the link; the client knows by now that it is attached."""

    def flow(self, peer: Flow) -> None:
        raise NotImplementedError

    def leave(self) -> None:
        """Let go of whatever stands behind the link."""

    def detach(self, error: Error) -> None:
        """End the link from our side; its handle stays taken until the client has answered."""
        if not self.detached:
            self.end()
            self.channel.send(Detach(self.handle, closed=True, error=error))

    def end(self) -> None:
        self.detached = True
        self.leave()
        self.channel.forget(self.handle)

    def credit_flow(self, *, drain: bool = False) -> Flow:
        return self.channel.flow(self.handle, self.delivery_count, self.link_credit, drain=drain)


class Inbound(Link):
    """A link on which the client sends; what it sends is taken by a function, which refuses by raising."""

    def __init__(
        self, channel: Channel, peer: Attach, take: Callable[[bytes, int], None], *, largest: int, of_queue: bool
    ) -> None:
        super().__init__(channel, peer)
        self.of_queue = of_queue
        self.largest: int = largest
        self.delivery_count = peer.initial_delivery_count or 0
        self._take = take
        self._first: Transfer | None = None
        self._content = bytearray()

    def begin(self) -> None:
        self._grant()

    def _grant(self) -> None:
        self.link_credit = CREDIT
        self.channel.send(self.credit_flow())

    def flow(self, peer: Flow) -> None:
        if peer.echo:
            self.channel.send(self.credit_flow())

    def transfer(self, peer: Transfer, payload: bytes) -> None:
        if self.detached:
            return  # what the client sent before it saw the detach
        if self._first is None:
            self._first = peer
        self._content += payload
        if peer.aborted:
            self._end_delivery()
        elif len(self._content) > self.largest:
            self._refuse_size()
        elif not peer.more:
            self._take_whole(settled=bool(peer.settled or self._first.settled))

    def _take_whole(self, *, settled: bool) -> None:
        content = bytes(self._content)
        first = self._end_delivery()
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
        self._answer(self._end_delivery(), Rejected(error))
        self.detach(error)

    def _end_delivery(self) -> Transfer:
        first = self._first
        if first is None or first.delivery_id is None:
            raise Refusal(DECODE_ERROR, "The first transfer of a delivery came without a delivery-id.")
        self._first, self._content = None, bytearray()
        self.delivery_count = plus(self.delivery_count, 1)
        self.link_credit -= 1
        # The SDK goes on at zero as if it had credit, so none is ever withheld.
        if self.link_credit < CREDIT // 2:
            self._grant()
        return first

    def _answer(self, first: Transfer, state: Composite) -> None:
        self.channel.send(Disposition(role=True, first=first.delivery_id or 0, settled=True, state=state))


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
            self.channel.send_in_order(self.handle, self.credit_flow(drain=peer.drain))

    def credit(self) -> int:
        return 0 if self.detached or self.channel.congested else self.link_credit

    def on_credit(self) -> None:
        raise NotImplementedError

    def spend(self) -> None:
        self.link_credit -= 1
        self.delivery_count = plus(self.delivery_count, 1)
