"""What a link may be attached to; everything else is refused with a sentence."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from worker.sandbox.service_bus.addresses import Address, Kind, read_address
from worker.sandbox.service_bus.channel import Channel
from worker.sandbox.service_bus.codec import DecodeError
from worker.sandbox.service_bus.conditions import (
    NOT_ALLOWED,
    NOT_IMPLEMENTED,
    UNAUTHORIZED,
    Refusal,
)
from worker.sandbox.service_bus.grants import Grants
from worker.sandbox.service_bus.links import Inbound, Link
from worker.sandbox.service_bus.namespace import Namespace
from worker.sandbox.service_bus.performatives import Attach, Source, Target, parse
from worker.sandbox.service_bus.requests import Requests
from worker.sandbox.service_bus.responses import Responses
from worker.sandbox.service_bus.sections import incoming, incoming_batch
from worker.sandbox.service_bus.subscription import Subscription

_COORDINATOR = 0x30
_SETTLED = 1
_BATCH_FORMAT = 0x80013700
_SESSION_FILTER = "com.microsoft:session-filter"
# The standard tier's limit, for one message and for a batch.
MAX_MESSAGE_SIZE = 256 * 1024
# A token is presented before anybody knows who the client is, and is some hundred bytes long.
MAX_TOKEN_SIZE = 16 * 1024


@dataclass(frozen=True, slots=True)
class Nodes:
    """What the links of one session may be attached to; `links` are those that are."""

    channel: Channel
    namespace: Namespace
    grants: Grants
    links: Mapping[int, Link]

    def open(self, peer: Attach) -> Link:
        return self._receive_from(peer) if peer.role is False else self._send_to(peer)

    def _receive_from(self, peer: Attach) -> Inbound:
        if getattr(peer.target, "descriptor", None) == _COORDINATOR:
            raise Refusal(NOT_IMPLEMENTED, "Transactions are not part of this stand-in.")
        target = parse(peer.target, Target)
        _refuse_dynamic(target)
        address = self._address(target.address)
        if address.kind is Kind.ENTITY:
            publish = partial(self._publish, address.entity)
            return Inbound(self.channel, peer, publish, largest=MAX_MESSAGE_SIZE, of_queue=True)
        largest = MAX_TOKEN_SIZE if address.kind is Kind.TOKENS else MAX_MESSAGE_SIZE
        answer = partial(Requests(self.namespace, self.grants, self.links).answer, address)
        return Inbound(self.channel, peer, answer, largest=largest, of_queue=False)

    def _send_to(self, peer: Attach) -> Link:
        source = parse(peer.source, Source)
        _refuse_dynamic(source)
        address = self._address(source.address)
        if address.kind is Kind.ENTITY:
            _refuse_filter(source)
            settled = peer.snd_settle_mode == _SETTLED
            return Subscription(self.channel, peer, self.namespace, address.entity, receive_and_delete=settled)
        return Responses(self.channel, peer, address)

    def _address(self, text: object) -> Address:
        address = read_address(text)
        if address.kind is Kind.TOKENS:
            return address
        # The right is asked for first: who has none does not learn which queues there are.
        if not self.grants.cover(address.entity):
            raise Refusal(UNAUTHORIZED, f"No valid token for {address.entity} was presented on this connection.")
        self.namespace.broker.check(address.entity)
        return address

    def _publish(self, entity: str, content: bytes, message_format: int) -> None:
        if message_format not in (0, _BATCH_FORMAT):
            raise Refusal(NOT_IMPLEMENTED, f"Messages of the format 0x{message_format:x} are not known here.")
        messages = incoming_batch(content) if message_format else [incoming(content)]
        if not messages:
            raise DecodeError("The batch has no message.")
        self.namespace.broker.send(entity, messages)


def _refuse_dynamic(terminus: Source | Target) -> None:
    if terminus.dynamic:
        raise Refusal(NOT_IMPLEMENTED, "Queues that live as long as a link are not part of this stand-in.")


def _refuse_filter(source: Source) -> None:
    if not source.filter:
        return
    if _SESSION_FILTER in source.filter:
        raise Refusal(NOT_ALLOWED, "This queue has no sessions: receive from it without a session id.")
    raise Refusal(NOT_IMPLEMENTED, f"A queue is not filtered; {', '.join(map(str, source.filter))[:200]} is asked for.")
