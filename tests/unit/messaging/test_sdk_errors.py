"""The SDK's errors as ours: what is said, and what the caller does next."""

from datetime import timedelta

import pytest
from azure.servicebus import exceptions

from worker.domain.errors import Forbidden, Misconfigured, Rejected, Throttled, Unreachable
from worker.messaging.sdk_errors import translated

KNOWN = {
    exceptions.ServiceBusAuthenticationError(message="x"): (Forbidden, "refused to send: check the connection string"),
    exceptions.ServiceBusAuthorizationError(message="x"): (Forbidden, "refused to send"),
    exceptions.MessagingEntityNotFoundError(message="x"): (Misconfigured, "the queue does not exist or is disabled"),
    exceptions.MessagingEntityDisabledError(message="x"): (Misconfigured, "the queue does not exist or is disabled"),
    exceptions.MessageSizeExceededError(message="x"): (Rejected, "the message is larger than the queue takes"),
    exceptions.ServiceBusServerBusyError(message="x"): (Throttled, "too busy to send: x"),
    exceptions.ServiceBusQuotaExceededError(message="x"): (Throttled, "too busy to send: x"),
    exceptions.ServiceBusError("a\n  b"): (Unreachable, "could not send (ServiceBusError): a b"),
    ValueError("handler is shut"): (Unreachable, "could not send (ValueError): handler is shut"),
    OSError("x" * 1_000): (Unreachable, "x" * 300),
}


@pytest.mark.parametrize("error", KNOWN, ids=lambda error: type(error).__name__)
def test_each_error_says_what_to_do_next(error):
    """In one line, of a bounded length."""
    kind, words = KNOWN[error]
    ours = translated(error, "send")
    assert type(ours) is kind
    assert words in str(ours)
    assert len(str(ours)) < 400
    assert "\n" not in str(ours)


def test_a_busy_queue_is_left_alone_for_a_while():
    """Who presses on it makes it worse; other failures have their own pauses."""
    for error in KNOWN:
        ours = translated(error, "send")
        assert ours.retry_after == (timedelta(seconds=10) if isinstance(ours, Throttled) else None)
