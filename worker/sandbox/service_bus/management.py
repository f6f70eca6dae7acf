"""The operations on a queue that are requests: renew, peek, schedule, cancel, settle by lock token."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from worker.sandbox.service_bus.broker import Broker
from worker.sandbox.service_bus.codec import LONG, TIMESTAMP, Array, Long
from worker.sandbox.service_bus.conditions import ARGUMENT, NOT_IMPLEMENTED, Refusal
from worker.sandbox.service_bus.messages import Change, Delivery
from worker.sandbox.service_bus.sections import incoming, outgoing, timestamp
from worker.sandbox.service_bus.subscription import changing

UPDATE_DISPOSITION = "com.microsoft:update-disposition"
_OK, _NO_CONTENT, _NOT_IMPLEMENTED = 200, 204, 501
# The answer to a peek is one message: it ends before it is larger than a message may be.
_PEEK_BYTES = 256 * 1024
_PEEK_MESSAGES = 250
# As in AMQP: the receiver settles first, and holds no lock.
_SETTLED_AT_ONCE = 0


def manage(broker: Broker, entity: str, operation: object, body: object) -> tuple[int, Any]:
    """Return the status and the body of the answer."""
    run = _OPERATIONS.get(operation) if isinstance(operation, str) else None
    if run is None:
        raise Refusal(
            NOT_IMPLEMENTED,
            f"The operation {str(operation)[:80]} is not part of this stand-in, which has queues without sessions.",
            status=_NOT_IMPLEMENTED,
        )
    if not isinstance(body, dict):
        raise Refusal(ARGUMENT, "The body of a request must be a map.")
    return run(broker, entity, body)


def _renew(broker: Broker, entity: str, body: dict[Any, Any]) -> tuple[int, Any]:
    expirations = [broker.renew(entity, token) for token in _tokens(body)]
    return _OK, {"expirations": Array(TIMESTAMP, tuple(map(timestamp, expirations)))}


def _peek(broker: Broker, entity: str, body: dict[Any, Any]) -> tuple[int, Any]:
    start = _field(body, "from-sequence-number", int)
    count = _field(body, "message-count", int)
    messages: list[dict[str, bytes]] = []
    size = 0
    for delivery in broker.peek(entity, max(0, start), max(0, min(count, _PEEK_MESSAGES))):
        content = outgoing(delivery)
        size += len(content)
        if messages and size > _PEEK_BYTES:
            break
        messages.append({"message": content})
    return (_OK, {"messages": messages}) if messages else (_NO_CONTENT, None)


def _schedule(broker: Broker, entity: str, body: dict[Any, Any]) -> tuple[int, Any]:
    entries = _field(body, "messages", list)
    messages = [incoming(_field(entry, "message", bytes)) for entry in entries if isinstance(entry, dict)]
    if len(messages) != len(entries) or any(message.scheduled_for is None for message in messages):
        raise Refusal(ARGUMENT, "Every message to schedule must carry the annotation x-opt-scheduled-enqueue-time.")
    numbers = broker.schedule(entity, messages)
    return _OK, {"sequence-numbers": Array(LONG, tuple(map(Long, numbers)))}


def _cancel(broker: Broker, entity: str, body: dict[Any, Any]) -> tuple[int, Any]:
    broker.cancel(entity, _items(body, "sequence-numbers", int))
    return _OK, {}


def _receive_deferred(broker: Broker, entity: str, body: dict[Any, Any]) -> tuple[int, Any]:
    numbers = _items(body, "sequence-numbers", int)
    and_delete = _field(body, "receiver-settle-mode", int) == _SETTLED_AT_ONCE
    if len(numbers) > _PEEK_MESSAGES:
        raise Refusal(ARGUMENT, f"At most {_PEEK_MESSAGES} deferred messages are received at once.")
    taken = broker.take_deferred(entity, numbers, and_delete=and_delete)
    return _OK, {"messages": [{**_lock(delivery), "message": outgoing(delivery)} for delivery in taken]}


def _lock(delivery: Delivery) -> dict[str, UUID]:
    return {"lock-token": delivery.lock_token} if delivery.lock_token else {}


def _settle(broker: Broker, entity: str, body: dict[Any, Any]) -> tuple[int, Any]:
    status = _field(body, "disposition-status", str)
    settle = _DISPOSITIONS.get(status)
    if settle is None:
        raise Refusal(
            NOT_IMPLEMENTED, f"The disposition {status[:80]} is not part of this stand-in.", status=_NOT_IMPLEMENTED
        )
    for token in _tokens(body):
        settle(broker, entity, token, body)
    return _OK, {}


def _dead_letter(broker: Broker, entity: str, token: UUID, body: dict[Any, Any]) -> None:
    # The SDK sends empty texts for what it was not given.
    reason, description = (
        str(body.get(name) or "") or None for name in ("deadletter-reason", "deadletter-description")
    )
    broker.dead_letter(entity, token, reason, description, _change(body))


def _change(body: dict[Any, Any]) -> Change:
    return changing(body.get("properties-to-modify"))


_DISPOSITIONS: dict[str, Callable[[Broker, str, UUID, dict[Any, Any]], None]] = {
    "completed": lambda broker, entity, token, _: broker.complete(entity, token),
    "abandoned": lambda broker, entity, token, body: broker.abandon(entity, token, _change(body)),
    "defered": lambda broker, entity, token, body: broker.defer(entity, token, _change(body)),  # so in the protocol
    "suspended": _dead_letter,
}
_OPERATIONS: dict[str, Callable[[Broker, str, dict[Any, Any]], tuple[int, Any]]] = {
    "com.microsoft:renew-lock": _renew,
    "com.microsoft:peek-message": _peek,
    "com.microsoft:schedule-message": _schedule,
    "com.microsoft:cancel-scheduled-message": _cancel,
    "com.microsoft:receive-by-sequence-number": _receive_deferred,
    UPDATE_DISPOSITION: _settle,
}


def _field(body: dict[Any, Any], name: str, kind: type) -> Any:
    value = body.get(name)
    if not isinstance(value, kind):
        raise Refusal(ARGUMENT, f"The field {name} of the request must be a {kind.__name__}.")
    return value


def _items(body: dict[Any, Any], name: str, kind: type) -> list[Any]:
    value = body.get(name)
    items = list(value.items) if isinstance(value, Array) else value
    if not isinstance(items, list) or not all(isinstance(item, kind) for item in items):
        raise Refusal(ARGUMENT, f"The field {name} of the request must be an array of {kind.__name__}.")
    return items


def _tokens(body: dict[Any, Any]) -> list[UUID]:
    return _items(body, "lock-tokens", UUID)
