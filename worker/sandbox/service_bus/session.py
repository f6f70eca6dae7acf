"""One session of a connection: its links, and what the client says on each."""

from worker.sandbox.service_bus.channel import Channel
from worker.sandbox.service_bus.client_connection import ClientConnection
from worker.sandbox.service_bus.conditions import (
    HANDLE_IN_USE,
    NOT_ALLOWED,
    REFUSALS,
    UNATTACHED_HANDLE,
    Refusal,
    error_of,
)
from worker.sandbox.service_bus.grants import Grants
from worker.sandbox.service_bus.links import Inbound, Link, Outbound
from worker.sandbox.service_bus.namespace import Namespace
from worker.sandbox.service_bus.nodes import Nodes
from worker.sandbox.service_bus.performatives import (
    Attach,
    Composite,
    Detach,
    Disposition,
    Error,
    Flow,
    Transfer,
)

# Links per session; an SDK client has five at the most.
HANDLE_MAX = 255


class SessionRefused(Exception):
    """The client did what ends its session, and leaves its connection as it is."""

    def __init__(self, error: Error) -> None:
        super().__init__(error.description)
        self.error = error


class Session:
    def __init__(self, channel: Channel, namespace: Namespace, grants: Grants, connection: ClientConnection) -> None:
        self._channel = channel
        self._faults = namespace.faults
        self._connection = connection
        self._links: dict[int, Link] = {}
        self._nodes = Nodes(channel, namespace, grants, self._links)
        channel.begin(HANDLE_MAX)

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

    def detach_queues(self, error: Error) -> None:
        """Not the links to $cbs and $management: those belong to no queue that could have moved or failed."""
        for link in tuple(self._links.values()):
            if link.of_queue:
                link.detach(error)

    def leave(self) -> None:
        for link in self._links.values():
            link.leave()

    def wake_receivers(self) -> None:
        for link in tuple(self._links.values()):
            if isinstance(link, Outbound):
                link.on_credit()

    def _attach(self, peer: Attach) -> None:
        if peer.handle in self._links or peer.handle > HANDLE_MAX:
            raise Refusal(HANDLE_IN_USE, f"Handle {peer.handle} is in use, or above {HANDLE_MAX}.")
        try:
            link = self._nodes.open(peer)
        except REFUSALS as refusal:
            self._refuse(peer, error_of(refusal))
            return
        self._links[peer.handle] = link
        # Source and target go back as they came: the SDK compares them with its own.
        self._channel.send(_reply(peer, link, source=peer.source, target=peer.target))
        link.begin()
        if link.of_queue:
            self._faults.strike_attached(self._connection)

    def _refuse(self, peer: Attach, error: Error) -> None:
        """Attach to nothing, then detach: for a detach alone the SDK closes the whole connection."""
        link = self._links[peer.handle] = Link(self._channel, peer)
        self._channel.send(_reply(peer, link, source=None, target=None))
        link.detach(error)

    def _detach(self, peer: Detach) -> None:
        link = self._link(peer.handle)
        del self._links[peer.handle]
        if not link.detached:
            link.end()
            self._channel.send(Detach(link.handle, peer.closed))

    def _transfer(self, peer: Transfer, payload: bytes) -> None:
        self._channel.count_incoming()
        link = self._link(peer.handle)
        if not isinstance(link, Inbound):
            raise Refusal(NOT_ALLOWED, f"The client is the receiver of link {peer.handle} and cannot send on it.")
        link.transfer(peer, payload)

    def _flow(self, peer: Flow) -> None:
        self._channel.set_window(peer)
        if peer.handle is None:
            self.wake_receivers()
            if peer.echo:
                self._channel.send(self._channel.flow())
            return
        link = self._link(peer.handle)
        if not link.detached:
            link.flow(peer)

    def _disposition(self, peer: Disposition) -> None:
        if peer.role:  # else it is about messages that the client has sent; those are settled with our answer
            self._channel.unsettled.settle(peer)

    def _link(self, handle: int) -> Link:
        link = self._links.get(handle)
        if link is None:
            raise SessionRefused(Error(UNATTACHED_HANDLE, f"Handle {handle} is not attached."))
        return link


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
        max_message_size=link.largest,
    )
