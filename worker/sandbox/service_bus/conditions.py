"""AMQP error conditions, and which of them says what the broker says."""

from worker.sandbox.service_bus.codec import DecodeError
from worker.sandbox.service_bus.errors import (
    BrokerError,
    EntityNotFound,
    LockLost,
    MessageNotFound,
    NotAllowed,
    QuotaExceeded,
)
from worker.sandbox.service_bus.performatives import Error

NOT_ALLOWED = "amqp:not-allowed"
NOT_FOUND = "amqp:not-found"
NOT_IMPLEMENTED = "amqp:not-implemented"
INTERNAL_ERROR = "amqp:internal-error"
DECODE_ERROR = "amqp:decode-error"
UNAUTHORIZED = "amqp:unauthorized-access"
RESOURCE_LIMIT = "amqp:resource-limit-exceeded"
CONNECTION_FORCED = "amqp:connection:forced"
FRAMING_ERROR = "amqp:connection:framing-error"
UNATTACHED_HANDLE = "amqp:session:unattached-handle"
HANDLE_IN_USE = "amqp:session:handle-in-use"
DETACH_FORCED = "amqp:link:detach-forced"
MESSAGE_SIZE = "amqp:link:message-size-exceeded"
ARGUMENT = "com.microsoft:argument-error"
LOCK_LOST = "com.microsoft:message-lock-lost"
MESSAGE_NOT_FOUND = "com.microsoft:message-not-found"

# In the management protocol a condition goes with a status, as in HTTP.
_BROKER: dict[type[BrokerError], tuple[str, int]] = {
    EntityNotFound: (NOT_FOUND, 404),
    LockLost: (LOCK_LOST, 410),
    MessageNotFound: (MESSAGE_NOT_FOUND, 404),
    NotAllowed: (NOT_ALLOWED, 400),
    QuotaExceeded: (RESOURCE_LIMIT, 403),
}


class Refusal(Exception):
    """Something that AMQP allows and this stand-in, or a queue, does not."""

    def __init__(self, condition: str, sentence: str, *, status: int = 400) -> None:
        super().__init__(sentence)
        self.condition = condition
        self.status = status


REFUSALS = (Refusal, BrokerError, DecodeError)


def refusal_of(exception: Exception) -> Refusal:
    if isinstance(exception, Refusal):
        return exception
    if isinstance(exception, DecodeError):
        return Refusal(DECODE_ERROR, str(exception))
    for kind, (condition, status) in _BROKER.items():
        if isinstance(exception, kind):
            return Refusal(condition, str(exception), status=status)
    return Refusal(INTERNAL_ERROR, str(exception), status=500)


def error_of(exception: Exception) -> Error:
    refusal = refusal_of(exception)
    return Error(refusal.condition, str(refusal))
