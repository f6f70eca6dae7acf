"""One session of a connection: windows, handles, deliveries."""

from collections import deque
from typing import TYPE_CHECKING
from uuid import UUID

from worker.sandbox.service_bus.addresses import Address
from worker.sandbox.service_bus.conditions import HANDLE_IN_USE, NOT_ALLOWED, UNATTACHED_HANDLE, Refusal
from worker.sandbox.service_bus.frames import frame_bytes
from worker.sandbox.service_bus.links import Inbound, Link, Outbound
from worker.sandbox.service_bus.nodes import attach
from worker.sandbox.service_bus.performatives import (
    Attach,
    Begin,
    Composite,
    Detach,
    Disposition,
    Error,
    Flow,
    Transfer,
)
from worker.sandbox.service_bus.responses import Responses
from worker.sandbox.service_bus.serial import ahead, plus, within
from worker.sandbox.service_bus.subscription import Subscription

if TYPE_CHECKING:
    from worker.sandbox.service_bus.connection import Connection

# What Service Bus announces.
INCOMING_WINDOW = 5000
OUTGOING_WINDOW = 5000
# Links per session; an SDK client has five at the most.
HANDLE_MAX = 255

# More than the fields of any of our transfers take.
TRANSFER_OVERHEAD = 80


class Session:
    def __init__(self, connection: "Connection", channel: int, peer: Begin) -> None:
        self.connection = connection
        self.namespace = connection.namespace
        self.links: dict[int, Link] = {}
        self.unsettled: dict[int, tuple[Subscription, UUID]] = {}
        self._channel = channel
        self._next_incoming = peer.next_outgoing_id
        self._incoming_window = INCOMING_WINDOW
        self._next_outgoing = 0
        self._outgoing_window = peer.incoming_window
        self._next_delivery = 0
        self._waiting: deque[tuple[int, bytes, bool]] = deque()
        self.send(Begin(channel, 0, INCOMING_WINDOW, OUTGOING_WINDOW, HANDLE_MAX))

    @property
    def congested(self) -> bool:
        return bool(self._waiting) or self.connection.congested

    def send(self, performative: Composite) -> None:
        self.connection.send(self._channel, performative)

    def handle(self, performative: Composite, payload: bytes) -> None:
        if isinstance(performative, Transfer):
            self._transfer(performative, payload)
        elif isinstance(performative, Disposition):
            self._disposition(performative)
        elif isinstance(performative, Flow):
            self._flow(performative)
        elif isinstance(performative, Attach):
            self._attach(performative)
        elif isinstance(performative, Detach):
            self._detach(performative)

    # Links.

    def _attach(self, peer: Attach) -> None:
        if peer.handle in self.links or peer.handle > HANDLE_MAX:
            raise Refusal(HANDLE_IN_USE, f"Handle {peer.handle} is in use, or above {HANDLE_MAX}.")
        attach(self, peer)

    def _detach(self, peer: Detach) -> None:
        link = self.links.pop(peer.handle, None)
        if link is None:
            self._unattached(peer.handle)
            return
        if not link.detached:
            self._forget(link)
            self.send(Detach(link.handle, peer.closed))

    def detach(self, link: Link, error: Error) -> None:
        """End a link from our side; its handle stays taken until the client has answered."""
        if not link.detached:
            self._forget(link)
            self.send(Detach(link.handle, closed=True, error=error))

    def detach_queues(self, error: Error) -> None:
        """Not the links to $cbs and $management: those belong to no queue that could have moved or failed."""
        for link in tuple(self.links.values()):
            if link.of_queue:
                self.detach(link, error)

    def leave(self) -> None:
        for link in self.links.values():
            link.leave()

    def wake_receivers(self) -> None:
        for link in tuple(self.links.values()):
            if isinstance(link, Outbound):
                link.on_credit()

    def responses(self, address: Address, reply_to: object) -> Responses | None:
        """Replies are routed within a session: the SDK's reply address is the same for every client."""
        found = [
            link
            for link in self.links.values()
            if isinstance(link, Responses) and link.address == address and not link.detached
        ]
        return next((link for link in found if link.target == reply_to), found[-1] if found else None)

    def _forget(self, link: Link) -> None:
        link.detached = True
        link.leave()
        self._waiting = deque(entry for entry in self._waiting if entry[0] != link.handle)
        for delivery_id in [key for key, (owner, _) in self.unsettled.items() if owner is link]:
            del self.unsettled[delivery_id]

    def _unattached(self, handle: int) -> None:
        error = Error(UNATTACHED_HANDLE, f"Handle {handle} is not attached.")
        self.connection.end(self._channel, error)

    # Incoming.

    def _transfer(self, peer: Transfer, payload: bytes) -> None:
        self._next_incoming = plus(self._next_incoming, 1)
        self._incoming_window -= 1
        # Not enforced: the SDK counts one per message where the standard counts frames.
        if self._incoming_window < INCOMING_WINDOW // 2:
            self._incoming_window = INCOMING_WINDOW
            self.send(self.flow())
        link = self.links.get(peer.handle)
        if link is None:
            self._unattached(peer.handle)
        elif isinstance(link, Inbound):
            link.transfer(peer, payload)
        else:
            raise Refusal(NOT_ALLOWED, f"The client is the receiver of link {peer.handle} and cannot send on it.")

    def _flow(self, peer: Flow) -> None:
        expected = 0 if peer.next_incoming_id is None else peer.next_incoming_id
        self._outgoing_window = max(0, peer.incoming_window - ahead(self._next_outgoing, expected))
        self._send_waiting()
        if peer.handle is None:
            self.wake_receivers()
            if peer.echo:
                self.send(self.flow())
            return
        link = self.links.get(peer.handle)
        if link is None:
            self._unattached(peer.handle)
        elif not link.detached:
            link.flow(peer)

    def _disposition(self, peer: Disposition) -> None:
        if not peer.role:
            return  # about messages that the client has sent; those are settled with our answer
        last = peer.first if peer.last is None else peer.last
        # The range is the client's word and may span billions: walk over what is there.
        if last == peer.first:
            chosen = [last] if last in self.unsettled else []
        else:
            chosen = [key for key in self.unsettled if within(key, peer.first, last)]
        for delivery_id in chosen:
            link, token = self.unsettled[delivery_id]
            link.settle(delivery_id, token, peer)

    # Outgoing.

    def flow(self, link: Link | None = None, *, drain: bool = False) -> Flow:
        return Flow(
            self._next_incoming,
            self._incoming_window,
            self._next_outgoing,
            OUTGOING_WINDOW,
            handle=link.handle if link else None,
            delivery_count=link.delivery_count if link else None,
            link_credit=link.link_credit if link else None,
            drain=drain,
        )

    def send_in_order(self, link: Link, performative: Composite) -> None:
        """Send behind the transfers that wait for the window."""
        self._waiting.append((link.handle, frame_bytes(self._channel, performative), False))
        self._send_waiting()

    def deliver(self, link: Link, tag: bytes, content: bytes, *, settled: bool) -> int:
        delivery_id, self._next_delivery = self._next_delivery, plus(self._next_delivery, 1)
        room = self.connection.max_frame_size - TRANSFER_OVERHEAD
        for start in range(0, max(len(content), 1), room):
            more = start + room < len(content)
            # Only the first frame tells the delivery; the others belong to it by their handle.
            transfer = Transfer(
                link.handle,
                delivery_id if start == 0 else None,
                tag if start == 0 else None,
                0 if start == 0 else None,
                settled,
                more=more,
            )
            frame = frame_bytes(self._channel, transfer, content[start : start + room])
            self._waiting.append((link.handle, frame, True))
        self._send_waiting()
        return delivery_id

    def _send_waiting(self) -> None:
        while self._waiting and (self._outgoing_window or not self._waiting[0][2]):
            _, frame, is_transfer = self._waiting.popleft()
            if is_transfer:
                self._outgoing_window -= 1
                self._next_outgoing = plus(self._next_outgoing, 1)
            self.connection.send_bytes(frame)
