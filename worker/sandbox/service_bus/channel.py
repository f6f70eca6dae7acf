"""The channel of a session: what leaves on it, in order and within the client's window."""

from collections import deque

from worker.sandbox.service_bus.frames import frame_bytes
from worker.sandbox.service_bus.output import Output
from worker.sandbox.service_bus.performatives import Begin, Composite, Flow, Transfer
from worker.sandbox.service_bus.serial import ahead, plus
from worker.sandbox.service_bus.unsettled import Unsettled

# What Service Bus announces.
INCOMING_WINDOW = 5000
OUTGOING_WINDOW = 5000

# More than the fields of any of our transfers take.
TRANSFER_OVERHEAD = 80


class Channel:
    def __init__(self, output: Output, number: int, peer: Begin, *, max_frame_size: int) -> None:
        self.unsettled = Unsettled()
        self._output = output
        self._number = number
        self._room = max_frame_size - TRANSFER_OVERHEAD
        self._next_incoming = peer.next_outgoing_id
        self._incoming_window = INCOMING_WINDOW
        self._next_outgoing = 0
        self._outgoing_window = peer.incoming_window
        self._next_delivery = 0
        self._waiting: deque[tuple[int, bytes, bool]] = deque()

    @property
    def congested(self) -> bool:
        return bool(self._waiting) or self._output.congested

    def begin(self, handle_max: int) -> None:
        self.send(Begin(self._number, 0, INCOMING_WINDOW, OUTGOING_WINDOW, handle_max))

    def send(self, performative: Composite) -> None:
        self._output.put(frame_bytes(self._number, performative))

    def send_in_order(self, handle: int, performative: Composite) -> None:
        """Send behind the transfers that wait for the window."""
        self._waiting.append((handle, frame_bytes(self._number, performative), False))
        self._send_waiting()

    def deliver(self, handle: int, tag: bytes, content: bytes, *, settled: bool) -> int:
        delivery_id, self._next_delivery = self._next_delivery, plus(self._next_delivery, 1)
        for start in range(0, max(len(content), 1), self._room):
            more = start + self._room < len(content)
            # Only the first frame tells the delivery; the others belong to it by their handle.
            transfer = Transfer(
                handle,
                delivery_id if start == 0 else None,
                tag if start == 0 else None,
                0 if start == 0 else None,
                settled,
                more=more,
            )
            frame = frame_bytes(self._number, transfer, content[start : start + self._room])
            self._waiting.append((handle, frame, True))
        self._send_waiting()
        return delivery_id

    def forget(self, handle: int) -> None:
        """Drop what waits for a link, and what it has not heard the outcome of."""
        self._waiting = deque(entry for entry in self._waiting if entry[0] != handle)
        self.unsettled.remove_all(handle)

    def count_incoming(self) -> None:
        """Count a transfer of the client, and open our window again in time."""
        self._next_incoming = plus(self._next_incoming, 1)
        self._incoming_window -= 1
        # Not enforced: the SDK counts one per message where the standard counts frames.
        if self._incoming_window < INCOMING_WINDOW // 2:
            self._incoming_window = INCOMING_WINDOW
            self.send(self.flow())

    def set_window(self, peer: Flow) -> None:
        """Take over what the client's window has become, and send what now fits into it."""
        expected = 0 if peer.next_incoming_id is None else peer.next_incoming_id
        self._outgoing_window = max(0, peer.incoming_window - ahead(self._next_outgoing, expected))
        self._send_waiting()

    def flow(
        self,
        handle: int | None = None,
        delivery_count: int | None = None,
        link_credit: int | None = None,
        *,
        drain: bool = False,
    ) -> Flow:
        """Our windows as they are, with the state of one link or without."""
        return Flow(
            self._next_incoming,
            self._incoming_window,
            self._next_outgoing,
            OUTGOING_WINDOW,
            handle=handle,
            delivery_count=delivery_count,
            link_credit=link_credit,
            drain=drain,
        )

    def _send_waiting(self) -> None:
        while self._waiting and (self._outgoing_window or not self._waiting[0][2]):
            _, frame, is_transfer = self._waiting.popleft()
            if is_transfer:
                self._outgoing_window -= 1
                self._next_outgoing = plus(self._next_outgoing, 1)
            self._output.put(frame)
