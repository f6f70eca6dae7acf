"""Which systems are away together, in which way, at which severity, and where a worker dies on the way."""

import itertools
from collections.abc import Iterator

from told_cells import ToldCell
from told_systems import HOWS, SYSTEMS, System

from worker.domain.event import Severity

_SEVERITIES = (Severity.CRITICAL, Severity.MEDIUM)
# Those without which people are told the latest: all but the last of them with the last resort to call.
_SLOWEST: tuple[tuple[System, ...], ...] = (
    ("Graph create",),
    ("Graph read", "people"),
    ("Boards", "bot"),
    ("bot", "people"),
)


def told_cells() -> list[ToldCell]:
    """The longest first, so that none is waited for alone in the end."""
    return [*_as_delivered(), *_without_last_resort(), *_killed(), *_born_in_the_outage(), *_pairs(), *_singles()]


def _singles() -> Iterator[ToldCell]:
    for system, how, severity in itertools.product(SYSTEMS, HOWS, _SEVERITIES):
        yield ToldCell(((system, how),), severity)


def _pairs() -> Iterator[ToldCell]:
    """Each way of being away comes as the first of a pair and as the second, and beside each other one.

    The severities take turns: what differs between them is who is told, which the single systems show.
    """
    for number, (one, other) in enumerate(itertools.combinations(SYSTEMS, 2)):
        away = ((one, HOWS[number % 3]), (other, HOWS[(number + 1 + number // 3) % 3]))
        yield ToldCell(away, _SEVERITIES[number % 2])


def _killed() -> Iterator[ToldCell]:
    """Each system is away while a worker dies, sooner or later."""
    for number, system in enumerate(SYSTEMS):
        severity = _SEVERITIES[number % 2]
        # Without its table a worker does not come to a second transaction.
        killed_at = 1 if system == "incidents" else 1 + number % 5
        yield ToldCell(((system, HOWS[(number + severity) % 3]),), severity, killed_at=killed_at)


def _born_in_the_outage() -> Iterator[ToldCell]:
    """A worker that starts while the tables of people are away calls whom another one kept."""
    for killed_at, how in enumerate(HOWS, start=1):
        yield ToldCell((("people", how),), Severity.CRITICAL, killed_at=killed_at, last_resort=False, keeps_copy=True)


def _without_last_resort() -> Iterator[ToldCell]:
    yield ToldCell((("bot", "refused"), ("people", "hanging")), Severity.CRITICAL, last_resort=False)
    yield ToldCell((("Graph create", "hanging"), ("bot", "hanging")), Severity.MEDIUM, last_resort=False)
    yield ToldCell((("people", "503"),), Severity.CRITICAL, last_resort=False)


def _as_delivered() -> Iterator[ToldCell]:
    for systems in _SLOWEST:
        away = tuple((system, "hanging") for system in systems)
        yield ToldCell(away, Severity.CRITICAL, heals=False, last_resort=systems != _SLOWEST[-1])
