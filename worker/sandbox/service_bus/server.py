"""The queue stand-in as one listening port."""

import asyncio
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

from worker.sandbox.service_bus.access import Access
from worker.sandbox.service_bus.broker import Broker
from worker.sandbox.service_bus.config import QueueSettings
from worker.sandbox.service_bus.connection import Connection
from worker.sandbox.service_bus.faults import QueueFaults
from worker.sandbox.service_bus.messages import Delivery
from worker.sandbox.service_bus.namespace import Namespace
from worker.sandbox.service_bus.store import Store

# The official emulator's: one connection string serves both.
KEY_NAME = "RootManageSharedAccessKey"
KEY = "SAS_KEY_VALUE"
_STORE_NAME = "queues.sqlite"
_SNAPSHOT_MESSAGES = 1000


def _now() -> datetime:
    return datetime.now(UTC)


class ServiceBusServer:
    """Start it with `start`; it serves until `close`."""

    def __init__(
        self,
        namespace: Namespace,
        listener: asyncio.Server,
        queues: tuple[QueueSettings, ...],
        store: Store | None,
    ) -> None:
        self._namespace = namespace
        self._listener = listener
        self._queues = queues
        self._store = store

    @classmethod
    async def start(
        cls,
        queues: Iterable[QueueSettings],
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        data: Path | None = None,
        key: str = KEY,
        clock: Callable[[], datetime] = _now,
    ) -> Self:
        settings = tuple(queues)
        store = None if data is None else Store.open(data / _STORE_NAME)
        namespace = Namespace(Broker(settings, clock=clock, store=store), Access(KEY_NAME, key), clock)
        namespace.commit()
        listener = await asyncio.get_running_loop().create_server(lambda: Connection(namespace), host, port)
        return cls(namespace, listener, settings, store)

    @property
    def host(self) -> str:
        host: str = self._listener.sockets[0].getsockname()[0]
        return host

    @property
    def port(self) -> int:
        port: int = self._listener.sockets[0].getsockname()[1]
        return port

    @property
    def connection_string(self) -> str:
        access = self._namespace.access
        return (
            f"Endpoint=sb://{self.host}:{self.port};SharedAccessKeyName={access.key_name};"
            f"SharedAccessKey={access.key};UseDevelopmentEmulator=true"
        )

    @property
    def broker(self) -> Broker:
        return self._namespace.broker

    @property
    def faults(self) -> QueueFaults:
        return self._namespace.faults

    def snapshot(self) -> dict[str, Any]:
        """Return what is in each queue, as JSON; of a long queue its beginning."""
        return {queue.name: self._queue(queue.name) for queue in self._queues}

    def _queue(self, name: str) -> dict[str, Any]:
        counts = self.broker.counts(name)
        return {
            "active": counts.active,
            "dead_lettered": counts.dead_lettered,
            "scheduled": counts.scheduled,
            "messages": self._messages(name),
            "dead_letters": self._messages(f"{name}/$deadletterqueue"),
        }

    def _messages(self, entity: str) -> list[dict[str, Any]]:
        return [_message(delivery) for delivery in self.broker.peek(entity, 0, _SNAPSHOT_MESSAGES)]

    async def close(self) -> None:
        self._listener.close()
        await self._namespace.close()
        await self._listener.wait_closed()
        if self._store:
            self._store.close()


def _message(delivery: Delivery) -> dict[str, Any]:
    dead_letter = delivery.dead_letter
    return {
        "sequence_number": delivery.sequence_number,
        "state": delivery.state.name.lower(),
        "message_id": delivery.message_id,
        "delivery_count": delivery.delivery_count,
        "enqueued_at": delivery.enqueued_at.isoformat(),
        "locked_until": delivery.locked_until.isoformat() if delivery.locked_until else None,
        "scheduled_for": delivery.scheduled_for.isoformat() if delivery.scheduled_for else None,
        "dead_letter_reason": dead_letter.reason if dead_letter else None,
        "dead_letter_description": dead_letter.description if dead_letter else None,
    }
