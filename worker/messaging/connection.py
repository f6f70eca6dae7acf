"""One client for all of a process's links to the queue."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

from azure.servicebus.aio import ServiceBusClient

from worker.credentials import azure_credential
from worker.domain.errors import Misconfigured
from worker.messaging.dead_letter_receiver import DeadLetterReceiver
from worker.messaging.lock import LockTimes
from worker.messaging.receiver import Receiver
from worker.messaging.sender import Sender
from worker.settings import Settings

# Few and quick, since the loops above retry as well and know for how long; one attempt of anything is bounded.
_CLIENT: dict[str, Any] = {
    "retry_total": 2,
    "retry_backoff_factor": 0.2,
    "retry_backoff_max": 5,
    "try_timeout": 15,
    "logging_enable": False,
}


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
async def open_queue(settings: Settings) -> AsyncIterator[Queue]:
    """The queue of these settings; connects at its first use."""
    settings.require("servicebus_connection_string|servicebus_namespace")
    async with AsyncExitStack() as stack:
        client = await stack.enter_async_context(await _client(settings, stack))
        queue = Queue(client, settings.servicebus_queue)
        stack.push_async_callback(queue.sender.close)
        yield queue


async def _client(settings: Settings, stack: AsyncExitStack) -> ServiceBusClient:
    if settings.servicebus_connection_string is not None:
        connection = settings.servicebus_connection_string.get_secret_value()
        try:
            return ServiceBusClient.from_connection_string(connection, **_CLIENT)
        except ValueError as error:
            raise Misconfigured(f"TOCSIN_SERVICEBUS_CONNECTION_STRING cannot be used: {error}") from None
    credential = azure_credential(settings)
    if credential is None:
        raise Misconfigured("TOCSIN_SERVICEBUS_NAMESPACE needs TOCSIN_CREDENTIAL=default; anonymous is for stand-ins.")
    await stack.enter_async_context(credential)
    return ServiceBusClient(settings.servicebus_namespace or "", credential, **_CLIENT)
