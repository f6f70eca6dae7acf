"""One thing that people are to be told of a schedule, and by what it is known again."""

from dataclasses import dataclass
from enum import StrEnum

from worker.oncall.schedule.wall_clock import Minute


class NoticeKind(StrEnum):
    BEFORE = "before"
    HANDOVER = "handover"
    MOVED = "moved"


@dataclass(frozen=True, slots=True)
class Notice:
    """`instant` is when the shift begins, or is handed over; `going` and `coming` are who is told.

    Of a BEFORE nobody goes, and one person comes. Of a HANDOVER one of both may be empty: a gap begins or ends. A MOVED
    is read off no schedule: whoever changes one leaves it behind.
    """

    kind: NoticeKind
    schedule: str
    instant: Minute
    going: tuple[str, ...] = ()
    coming: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """The same for the same shift on every worker; a handover is told once, whoever is named by then.

        Keys sort by the instant.
        """
        whose = self.coming[0] if self.kind is NoticeKind.BEFORE else ""
        return f"{self.instant:010d}:{self.kind}:{self.schedule}:{whose}"


def key_of_move(instant: Minute, change: str, person: str) -> str:
    """Of what one change at that time moved for one person."""
    return f"{instant:010d}:{NoticeKind.MOVED}:{change}:{person}"


def read_key(key: str) -> tuple[Minute, NoticeKind]:
    """When, and what; raises ValueError."""
    instant, kind, _ = key.split(":", 2)
    return int(instant), NoticeKind(kind)
