"""How often updates are promised by severity, as a setting says it."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from worker.domain.severity_range import severities_named
from worker.domain.text import quoted

_TEXT_LIMIT = 1_000
_ENTRIES = re.compile(r"[,;\n]")
# Blanks around these belong to what they join, as those between a number and its unit do.
_JOINTS = re.compile(r"\s*(\.\.|[-:=/\u2013])\s*|(?<=\d)\s+(?=[a-z])")
_WAIT = re.compile(r"(\d{1,5})(m|min|h|d)")
_MINUTES = {"m": 1, "min": 1, "h": 60, "d": 24 * 60}
_LONGEST = 14 * 24 * 60
_EXAMPLE = "write 1=10m/30m/60m, 2=20m/60m/2h, 3=60m/4h/1d working-hours, 4-5=off"


@dataclass(frozen=True, slots=True)
class Cadence:
    """In how many minutes an update is promised: the first one after it was acknowledged, then, and once mitigated.

    `within_hours`: what would be due outside of working hours is due when they begin.
    """

    first: float
    then: float
    mitigated: float
    within_hours: bool = False


def usual_cadence() -> Mapping[int, Cadence]:
    """By severity; of one that is not named no update is promised."""
    return {1: Cadence(10, 30, 60), 2: Cadence(20, 60, 120), 3: Cadence(60, 4 * 60, 24 * 60, within_hours=True)}


def read_cadence(text: str) -> Mapping[int, Cadence]:
    """From `1=10m/30m/60m, 4-5=off`; of a severity that is not named it is as usual. Raises ValueError with a sentence
    that names what is not understood.
    """
    if len(text) > _TEXT_LIMIT:
        raise ValueError(f"is longer than {_TEXT_LIMIT} characters")
    joined = _JOINTS.sub(lambda found: found[1] or "", text.casefold())
    named: dict[int, Cadence | None] = {}
    for entry in filter(None, (each.strip() for each in _ENTRIES.split(joined))):
        for severity, cadence in _read(entry):
            if severity in named:
                raise ValueError(f"severity {severity} is named twice: {_EXAMPLE}")
            named[severity] = cadence
    every = {**usual_cadence(), **named}
    return {severity: cadence for severity, cadence in every.items() if cadence is not None}


def _read(entry: str) -> Iterator[tuple[int, Cadence | None]]:
    severities, given, waits = entry.partition("=")
    if not given or not severities:
        raise ValueError(f"{quoted(entry)!r} names no severity before its =: {_EXAMPLE}")
    cadence = _cadence(entry, waits.split())
    for severity in severities_named(severities):
        yield severity.value, cadence


def _cadence(entry: str, words: list[str]) -> Cadence | None:
    match words:
        case ["off"]:
            return None
        case [waits]:
            return Cadence(*_waits(entry, waits))
        case [waits, "working-hours"]:
            return Cadence(*_waits(entry, waits), within_hours=True)
    raise _not_understood(entry)


def _waits(entry: str, text: str) -> tuple[int, int, int]:
    match [_WAIT.fullmatch(wait) for wait in text.split("/")]:
        case [re.Match() as first, re.Match() as then, re.Match() as mitigated]:
            waits = tuple(int(found[1]) * _MINUTES[found[2]] for found in (first, then, mitigated))
        case _:
            raise _not_understood(entry)
    if not all(1 <= wait <= _LONGEST for wait in waits):
        raise ValueError(f"{quoted(entry)!r} has a time that is not between 1 minute and 14 days: {_EXAMPLE}")
    return waits[0], waits[1], waits[2]


def _not_understood(entry: str) -> ValueError:
    return ValueError(
        f"{quoted(entry)!r} gives a severity neither off nor three times, of the first update, the next ones and those "
        f"once mitigated: {_EXAMPLE}"
    )
