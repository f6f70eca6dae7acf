"""What people are told of their shifts; the table of the steps that tell it."""

from collections.abc import Awaitable, Callable

from handlers.notices.compose import ComposeShiftMessage
from handlers.notices.tell import TellShift
from handlers.paging.ways import Ways
from worker.engine.step import Playbook
from worker.oncall.notices.message import ShiftMessage

Compose = Callable[[], Awaitable[ShiftMessage]]


def shift_playbook(compose: Compose | None, *, ways: Ways) -> Playbook:
    """`compose` is None where the schedule knows of no such shift any more; what is composed already is told."""
    return (ComposeShiftMessage(compose), TellShift(ways))
