"""An escalation policy as people write it."""

import re
from typing import Annotated

from pydantic import BeforeValidator, Field

from worker.domain.text import quoted
from worker.oncall.definitions import Level, NotifyTarget, Policy, QuietHours
from worker.oncall.reading.fields import (
    Duration,
    Given,
    SomeWindows,
    WholeNumber,
    Zone,
    read_name,
    read_person_name,
    several,
    text_of,
)

_TARGET = re.compile(r"(person|schedule|role|webhook):([^#]{1,200})(?:#([1-9]\d?))?", re.IGNORECASE)
_ADVICE = "write person:NAME, schedule:NAME, schedule:NAME#2, role:NAME or webhook:NAME"
_MOST_TARGETS = 100


def read_target(value: object) -> NotifyTarget:
    """Raises ValueError."""
    text = text_of(value).strip()
    found = _TARGET.fullmatch(text)
    if found is None or (found[3] and found[1].lower() != "schedule"):
        raise ValueError(f"{quoted(text)!r} names nobody to tell; {_ADVICE}")
    kind = found[1].lower()
    name = read_person_name(found[2]) if kind == "person" else read_name(found[2])
    return NotifyTarget(kind, name, int(found[3] or 0))


def _severities(value: object) -> object:
    if isinstance(value, str):
        return [each.strip() for each in re.split(r"[,;]", value) if each.strip()]
    return value


_Target = Annotated[NotifyTarget, BeforeValidator(read_target)]
_Targets = Annotated[tuple[_Target, ...], BeforeValidator(several), Field(max_length=_MOST_TARGETS)]
_Severity = Annotated[WholeNumber, Field(ge=1, le=5)]


class GivenLevel(Given):
    """One rung."""

    notify: _Targets
    wait: Duration

    def level(self) -> Level:
        return Level(tuple(dict.fromkeys(self.notify)), self.wait)


class GivenHours(Given):
    """When people may be told at all."""

    time_zone: Zone
    windows: SomeWindows


class GivenPolicy(Given):
    """Whom to tell, in which order."""

    severities: Annotated[tuple[_Severity, ...], BeforeValidator(_severities)] = ()
    levels: Annotated[list[GivenLevel], Field(min_length=1, max_length=50)]
    repeat: WholeNumber = Field(default=0, ge=0, le=9)
    last_resort: _Targets = ()
    ack_timeout: Duration | None = None
    hours: GivenHours | None = None

    def policy(self, name: str) -> Policy:
        return Policy(
            name=name,
            levels=tuple(level.level() for level in self.levels),
            severities=tuple(sorted(set(self.severities))),
            repeat=self.repeat,
            last_resort=tuple(dict.fromkeys(self.last_resort)),
            ack_timeout=self.ack_timeout,
            hours=QuietHours(self.hours.time_zone.name, self.hours.windows) if self.hours else None,
        )
