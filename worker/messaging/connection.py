"""One client for all of a process's links to the queue."""

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from typing import Any
from urllib.parse import urlsplit

from azure.servicebus.aio import ServiceBusClient

from worker.credentials import azure_credential
from worker.domain.errors import Misconfigured
from worker.domain.text import quoted
from worker.messaging.dead_letter_receiver import DeadLetterReceiver
from worker.messaging.lock import LockTimes
from worker.messaging.receiver import Receiver
from worker.messaging.sender import Sender
from worker.settings import Settings

# Few and quick, since the loops above retry as well and know for how long; one attempt of anything is bounded.
_CLIENT: dict[str, Any] = {
    "retry_backoff_factor": 0.2,
    "retry_backoff_max": 5,
    "try_timeout": 15,
    "logging_enable": False,
}
_RETRIES = 2
_UNKNOWN = "an unknown address"


class Queue:
    """One client for all of a process's links to one queue."""

    def __init__(self, client: ServiceBusClient, name: str) -> None:
        self._client = client
        self._name = name
        self.sender = Sender(client, name)
        self._times = LockTimes()

    def receiver(self, name: str) -> Receiver:
        return Receiver(self._client, self._name, self.sender, name, self._times)

    def dead_letters(self, name: str) -> DeadLetterReceiver:
        return DeadLetterReceiver(self._client, self._name, self.sender, name, self._times)


@asynccontextmanager
async def open_queue(settings: Settings, *, retries: int = _RETRIES) -> AsyncIterator[Queue]:
    """The queue of these settings; connects at its first use, and tries again so often."""
    settings.require("servicebus_connection_string|servicebus_namespace")
    async with AsyncExitStack() as stack:
        client = await stack.enter_async_context(await _client(settings, stack, _CLIENT | {"retry_total": retries}))
        queue = Queue(client, settings.servicebus_queue)
        stack.push_async_callback(queue.sender.close)
        yield queue


def queue_address(settings: Settings) -> str:
    """Where the queue is, for people: a host and perhaps a port, without what gives access to it."""
    connection = settings.servicebus_connection_string
    if connection is None:
        return quoted(settings.servicebus_namespace) or _UNKNOWN
    parts = dict(part.strip().partition("=")[::2] for part in connection.get_secret_value().split(";"))
    with suppress(ValueError):  # what is no address may be a secret in its place
        return quoted(urlsplit(parts.get("Endpoint", "")).netloc.rpartition("@")[2]) or _UNKNOWN
    return _UNKNOWN


async def _client(settings: Settings, stack: AsyncExitStack, options: Mapping[str, Any]) -> ServiceBusClient:
    if settings.servicebus_connection_string is not None:
        connection = settings.servicebus_connection_string.get_secret_value()
        try:
            return ServiceBusClient.from_connection_string(connection, **options)
        except ValueError as error:
            raise Misconfigured(f"TOCSIN_SERVICEBUS_CONNECTION_STRING cannot be used: {error}") from None
    credential = azure_credential(settings)
    if credential is None:
        raise Misconfigured("TOCSIN_SERVICEBUS_NAMESPACE needs TOCSIN_CREDENTIAL=default; anonymous is for stand-ins.")
    await stack.enter_async_context(credential)
    return ServiceBusClient(settings.servicebus_namespace or "", credential, **options)
