"""What a link may be attached to; everything else is refused with a sentence."""

from functools import partial
from typing import TYPE_CHECKING

from worker.sandbox.service_bus.addresses import Address, Kind, read_address
from worker.sandbox.service_bus.codec import DecodeError
from worker.sandbox.service_bus.conditions import (
    NOT_ALLOWED,
    NOT_IMPLEMENTED,
    REFUSALS,
    UNAUTHORIZED,
    Refusal,
    error_of,
)
from worker.sandbox.service_bus.links import Inbound, Link
from worker.sandbox.service_bus.performatives import Attach, Source, Target, parse
from worker.sandbox.service_bus.requests import answer_request
from worker.sandbox.service_bus.responses import Responses
from worker.sandbox.service_bus.sections import incoming, incoming_batch
from worker.sandbox.service_bus.subscription import Subscription

if TYPE_CHECKING:
    from worker.sandbox.service_bus.session import Session

_COORDINATOR = 0x30
_SETTLED = 1
_BATCH_FORMAT = 0x80013700
_SESSION_FILTER = "com.microsoft:session-filter"
# The standard tier's limit, for one message and for a batch.
MAX_MESSAGE_SIZE = 256 * 1024
# A token is presented before anybody knows who the client is, and is some hundred bytes long.
MAX_TOKEN_SIZE = 16 * 1024


def attach(session: "Session", peer: Attach) -> None:
    try:
        link = _receive_from(session, peer) if peer.role is False else _send_to(session, peer)
    except REFUSALS as refusal:
        _refuse(session, peer, refusal)
        return
    session.links[peer.handle] = link
    # Source and target go back as they came: the SDK compares them with its own.
    session.send(_reply(peer, link, source=peer.source, target=peer.target))
    _begin(link)
    if link.of_queue:
        session.namespace.faults.attached(session.connection)


def _reply(peer: Attach, link: Link, *, source: object, target: object) -> Attach:
    return Attach(
        peer.name,
        peer.handle,
        not peer.role,
        peer.snd_settle_mode,
        peer.rcv_settle_mode,
        source,
        target,
        # Without it the SDK waits for ever.
        initial_delivery_count=0 if peer.role else None,
        max_message_size=link.largest if isinstance(link, Inbound) else None,
    )


def _begin(link: Link) -> None:
    if isinstance(link, Inbound):
        link.grant()
    elif isinstance(link, Subscription):
        link.join()


def _refuse(session: "Session", peer: Attach, refusal: Exception) -> None:
    """Attach to nothing, then detach: for a detach alone the SDK closes the whole connection."""
    link = Link(session, peer)
    session.links[peer.handle] = link
    session.send(_reply(peer, link, source=None, target=None))
    session.detach(link, error_of(refusal))


def _receive_from(session: "Session", peer: Attach) -> Inbound:
    if getattr(peer.target, "descriptor", None) == _COORDINATOR:
        raise Refusal(NOT_IMPLEMENTED, "Transactions are not part of this stand-in.")
    target = parse(peer.target, Target)
    _static(target)
    address = _address(session, target.address)
    if address.kind is Kind.ENTITY:
        publish = partial(_publish, session, address.entity)
        return Inbound(session, peer, publish, largest=MAX_MESSAGE_SIZE, of_queue=True)
    largest = MAX_TOKEN_SIZE if address.kind is Kind.TOKENS else MAX_MESSAGE_SIZE
    return Inbound(session, peer, partial(answer_request, session, address), largest=largest, of_queue=False)


def _send_to(session: "Session", peer: Attach) -> Link:
    source = parse(peer.source, Source)
    _static(source)
    address = _address(session, source.address)
    if address.kind is Kind.ENTITY:
        _unfiltered(source)
        settled = peer.snd_settle_mode == _SETTLED
        return Subscription(session, peer, address.entity, receive_and_delete=settled)
    return Responses(session, peer, address)


def _static(terminus: Source | Target) -> None:
    if terminus.dynamic:
        raise Refusal(NOT_IMPLEMENTED, "Queues that live as long as a link are not part of this stand-in.")


def _unfiltered(source: Source) -> None:
    if not source.filter:
        return
    if _SESSION_FILTER in source.filter:
        raise Refusal(NOT_ALLOWED, "This queue has no sessions: receive from it without a session id.")
    raise Refusal(NOT_IMPLEMENTED, f"A queue is not filtered; {', '.join(map(str, source.filter))[:200]} is asked for.")


def _address(session: "Session", text: object) -> Address:
    address = read_address(text)
    if address.kind is Kind.TOKENS:
        return address
    # The right is asked for first: who has none does not learn which queues there are.
    if not session.connection.allows(address.entity):
        raise Refusal(UNAUTHORIZED, f"No valid token for {address.entity} was presented on this connection.")
    session.namespace.broker.check(address.entity)
    return address


def _publish(session: "Session", entity: str, content: bytes, message_format: int) -> None:
    if message_format not in (0, _BATCH_FORMAT):
        raise Refusal(NOT_IMPLEMENTED, f"Messages of the format 0x{message_format:x} are not known here.")
    messages = incoming_batch(content) if message_format else [incoming(content)]
    if not messages:
        raise DecodeError("The batch has no message.")
    session.namespace.broker.send(entity, messages)
