"""The link on which answers to requests go back."""

from collections import deque
from typing import TYPE_CHECKING

from worker.sandbox.service_bus.addresses import Address
from worker.sandbox.service_bus.conditions import RESOURCE_LIMIT, Refusal
from worker.sandbox.service_bus.links import TAG_BYTES, Outbound
from worker.sandbox.service_bus.performatives import Attach, Target, parse

if TYPE_CHECKING:
    from worker.sandbox.service_bus.session import Session

# Answers that a client asked for and takes no credit to receive.
MAX_WAITING = 100


class Responses(Outbound):
    def __init__(self, session: "Session", peer: Attach, address: Address) -> None:
        super().__init__(session, peer)
        self.address = address
        self.target = parse(peer.target, Target).address
        self._waiting: deque[bytes] = deque()

    def put(self, content: bytes) -> None:
        if len(self._waiting) >= MAX_WAITING:
            raise Refusal(RESOURCE_LIMIT, f"{MAX_WAITING} answers wait for this client to give credit.")
        self._waiting.append(content)
        self.on_credit()

    def on_credit(self) -> None:
        while self._waiting and self.credit():
            self.spend()
            tag = self.delivery_count.to_bytes(TAG_BYTES, "big")
            self.session.deliver(self, tag, self._waiting.popleft(), settled=True)
