"""The link on which answers to requests go back."""

from collections import deque
from collections.abc import Iterable

from worker.sandbox.service_bus.addresses import Address
from worker.sandbox.service_bus.channel import Channel
from worker.sandbox.service_bus.conditions import RESOURCE_LIMIT, Refusal
from worker.sandbox.service_bus.links import TAG_BYTES, Link, Outbound
from worker.sandbox.service_bus.performatives import Attach, Target, parse

# Answers that a client asked for and takes no credit to receive.
MAX_WAITING = 100


class Responses(Outbound):
    def __init__(self, channel: Channel, peer: Attach, address: Address) -> None:
        super().__init__(channel, peer)
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
            self.channel.deliver(self.handle, tag, self._waiting.popleft(), settled=True)


def find_responses(links: Iterable[Link], address: Address, reply_to: object) -> Responses | None:
    """Replies are routed within a session: the SDK's reply address is the same for every client."""
    found = [link for link in links if isinstance(link, Responses) and link.address == address and not link.detached]
    return next((link for link in found if link.target == reply_to), found[-1] if found else None)
