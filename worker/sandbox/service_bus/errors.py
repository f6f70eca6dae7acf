"""What the broker refuses, in sentences for the person at the other end of the connection.

BrokerError
├── EntityNotFound    no such queue
├── LockLost          the lock is not held any more: expired, or the message is settled
├── MessageNotFound   no such scheduled message
├── NotAllowed        a rule of queues forbids it
└── QuotaExceeded     the queue is full
"""


class BrokerError(Exception):
    """Nothing has changed in the broker when one of these is raised."""


class EntityNotFound(BrokerError): ...


class LockLost(BrokerError): ...


class MessageNotFound(BrokerError): ...


class NotAllowed(BrokerError): ...


class QuotaExceeded(BrokerError): ...
