"""Where each thing stands in the table of schedules: one partition a thing, so that it is replaced at once."""

import hashlib
import re
from dataclasses import dataclass
from enum import StrEnum

from worker.oncall.schedule.moments import Moment
from worker.oncall.schedule.wall_clock import Minute

ABSENCES = "absence"
IMPORT = "import"  # its one row counts the imports, so that of two that began alike one wins
# Keys may hold neither slashes, `#`, `?` nor control characters; `%` stands in their way on some routes.
_NOT_IN_KEYS = re.compile(r"[/\\#?%\x00-\x1f\x7f-\x9f]")

_DIGITS = 8


class Kind(StrEnum):
    """What a partition may hold."""

    PERSON = "person"
    SCHEDULE = "schedule"
    POLICY = "policy"
    SERVICE = "service"


@dataclass(frozen=True, slots=True)
class Thing:
    """One person, schedule, policy or service by its name."""

    kind: Kind
    name: str

    @property
    def partition(self) -> str:
        return f"{self.kind}:{self.name}"

    @property
    def keys(self) -> tuple[str, str]:
        """Of the row that says what it is."""
        return self.partition, self.kind.value

    def __str__(self) -> str:
        return f"the {self.kind} {self.name!r}"


def thing_at(partition: str) -> Thing | None:
    """None where the partition holds none."""
    kind, colon, name = partition.partition(":")
    if not colon or not name or kind.casefold() not in set(Kind):
        return None
    return Thing(Kind(kind.casefold()), name)


def utc(instant: Minute) -> str:
    return str(Moment(instant, is_instant=True))


def key_of(text: str) -> str:
    """Two texts that differ have keys that differ."""
    key = _NOT_IN_KEYS.sub("-", text)
    return key if key == text else f"{key}-{hashlib.sha256(text.encode()).hexdigest()[:_DIGITS]}"
