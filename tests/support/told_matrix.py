"""Which systems are away together, in which way, at which severity, and where a worker dies on the way."""

import itertools
from collections.abc import Iterator

from told_cells import ToldCell
from told_systems import HOWS, SYSTEMS, System

from worker.domain.event import Severity

_SEVERITIES = (Severity.CRITICAL, Severity.MEDIUM)
_SLOW: tuple[tuple[System, ...], ...] = (
    ("people",),
    ("Graph create",),
    ("Graph read", "people"),
    ("Boards", "bot"),
    ("Graph create", "people"),
)


def told_cells() -> list[ToldCell]:
    return [*_singles(), *_pairs(), *_killed(), *_without_last_resort(), *_as_delivered()]


def _singles() -> Iterator[ToldCell]:
    for system, how, severity in itertools.product(SYSTEMS, HOWS, _SEVERITIES):
        yield ToldCell(((system, how),), severity)


def _pairs() -> Iterator[ToldCell]:
    """Each way of being away comes as the first of a pair and as the second, at both severities."""
    for number, (one, other) in enumerate(itertools.combinations(SYSTEMS, 2)):
        for severity in _SEVERITIES:
            first = number + (severity is Severity.MEDIUM)
            away = ((one, HOWS[first % 3]), (other, HOWS[(first + 1 + number // 3) % 3]))
            yield ToldCell(away, severity)


def _killed() -> Iterator[ToldCell]:
    """Each system is away in each way while a worker dies, sooner or later."""
    for number, (system, how) in enumerate(itertools.product(SYSTEMS, HOWS)):
        # Without its table a worker does not come to a second transaction.
        killed_at = 1 if system == "incidents" else 1 + number % 5
        yield ToldCell(((system, how),), _SEVERITIES[number % 2], killed_at=killed_at)


def _without_last_resort() -> Iterator[ToldCell]:
    yield ToldCell((("people", "503"),), Severity.CRITICAL, last_resort=False)
    yield ToldCell((("bot", "refused"), ("people", "hanging")), Severity.CRITICAL, last_resort=False)
    yield ToldCell((("Graph create", "hanging"), ("bot", "hanging")), Severity.MEDIUM, last_resort=False)


def _as_delivered() -> Iterator[ToldCell]:
    for systems in _SLOW:
        yield ToldCell(tuple((system, "hanging") for system in systems), Severity.CRITICAL, heals=False)
    hanging = (("bot", "hanging"), ("people", "hanging"))
    yield ToldCell(hanging, Severity.CRITICAL, heals=False, last_resort=False)
