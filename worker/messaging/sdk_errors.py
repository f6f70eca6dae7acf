"""The Service Bus SDK's errors, as ours."""

import asyncio
from contextlib import suppress
from datetime import timedelta

from azure.servicebus.aio import ServiceBusReceiver, ServiceBusSender
from azure.servicebus.exceptions import (
    MessageSizeExceededError,
    MessagingEntityDisabledError,
    MessagingEntityNotFoundError,
    ServiceBusAuthenticationError,
    ServiceBusAuthorizationError,
    ServiceBusError,
    ServiceBusQuotaExceededError,
    ServiceBusServerBusyError,
)

from worker.domain.errors import Forbidden, Misconfigured, Rejected, Throttled, TocsinError, Unreachable

_CLOSE_SECONDS = 5
# Everything the SDK is known to raise when a link or a connection breaks: it turns some of it into ValueError
# ("handler has already been shutdown") and lets some of its own confusion through.
BROKEN = (ServiceBusError, ValueError, RuntimeError, AttributeError, OSError, TimeoutError)


class LockLost(TocsinError):
    """Another worker may have the message by now."""


async def close_link(link: ServiceBusReceiver | ServiceBusSender) -> None:
    """Whatever comes of it: the broker notices by itself that somebody is gone."""
    with suppress(*BROKEN):
        async with asyncio.timeout(_CLOSE_SECONDS):
            await link.close()


def translated(error: Exception, what: str) -> TocsinError:
    text = " ".join(str(error).split())[:300]
    match error:
        case ServiceBusAuthenticationError() | ServiceBusAuthorizationError():
            return Forbidden(
                f"Service Bus refused to {what}: check the connection string, or grant this identity; and "
                "check this machine's clock, since signatures of another time are refused too."
            )
        case MessagingEntityNotFoundError() | MessagingEntityDisabledError():
            return Misconfigured(f"Service Bus could not {what}: the queue does not exist or is disabled.")
        case MessageSizeExceededError():
            return Rejected(f"Service Bus could not {what}: the message is larger than the queue takes.")
        case ServiceBusServerBusyError() | ServiceBusQuotaExceededError():
            return Throttled(f"Service Bus is too busy to {what}: {text}", retry_after=timedelta(seconds=10))
        case _:
            return Unreachable(f"Service Bus could not {what} ({type(error).__name__}): {text}")
