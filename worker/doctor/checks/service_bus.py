"""The queue: whether it is there, takes messages from us and gives them to us."""

from collections.abc import AsyncIterator

from worker.doctor.checks.settings import is_set
from worker.doctor.finding import CheckResult, Probe, note, well
from worker.domain.errors import Forbidden, Misconfigured, TocsinError, Unreachable
from worker.messaging.connection import Queue, open_queue
from worker.settings import Settings

_AREA = "queue"
_PEEKED = 250


def _checks(settings: Settings) -> tuple[Probe, Probe]:
    name = settings.servicebus_queue
    elsewhere = {
        Misconfigured: f"Create the queue: az servicebus queue create --name {name} --namespace-name <namespace> "
        "--resource-group <group> --lock-duration PT1M; or set TOCSIN_SERVICEBUS_QUEUE.",
        Unreachable: "Check the namespace's name, that this machine may reach it on port 5671, and its firewall.",
    }
    grant = (
        "az role assignment create --assignee <identity> --scope <the queue's id> --role 'Azure Service Bus Data {}'"
    )
    sending = Probe(
        _AREA,
        f"The queue {name!r} can be sent to.",
        why="What is raised or comes from a monitoring system cannot be accepted.",
        remedy="Do what the sentence says, and run this again.",
        remedies={
            Forbidden: f"{grant.format('Sender')}; or take a connection string with Send and Listen.",
            **elsewhere,
        },
    )
    receiving = Probe(
        _AREA,
        f"The queue {name!r} can be received from.",
        why="Accepted incidents stay in the queue and are not launched.",
        remedy="Do what the sentence says, and run this again.",
        remedies={
            Forbidden: f"{grant.format('Receiver')}; or take a connection string with Send and Listen.",
            **elsewhere,
        },
    )
    return sending, receiving


async def check_queue(settings: Settings) -> AsyncIterator[CheckResult]:
    if not is_set(settings, "servicebus_connection_string|servicebus_namespace"):
        return
    sending, receiving = _checks(settings)
    async with open_queue(settings) as queue:
        yield await sending.run(queue.sender.open())
        async for result in _dead_letters(queue, receiving):
            yield result


async def _dead_letters(queue: Queue, receiving: Probe) -> AsyncIterator[CheckResult]:
    """To receive is the same right for the queue and its dead letters; a look at these locks nothing that waits."""
    receiver = queue.dead_letters("tocsin doctor")
    try:
        found = await receiver.peek(1, _PEEKED)
    except TocsinError as error:
        yield receiving.failed(error)
        return
    finally:
        await receiver.close()
    yield well(_AREA, receiving.well)
    if found:
        many = f"{len(found)} or more" if len(found) == _PEEKED else str(len(found))
        yield note(
            _AREA,
            f"{many} dead letter{'s' if len(found) > 1 else ''} wait{'' if len(found) > 1 else 's'}.",
            why="Each is an incident that was not launched whole, or a message that nobody understood.",
            remedy="tocsin dead-letters groups",
        )
