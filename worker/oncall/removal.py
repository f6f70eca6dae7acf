"""Rows that are to be taken out of the on-call table: a person's, one by its keys, or those that a file lacks."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from worker.oncall.on_call import Roster, UnreadableRow
from worker.oncall.rows import Row, printed_keys


@dataclass(frozen=True, slots=True)
class Removal:
    """A stored row by its keys, and who goes with it."""

    keys: tuple[str, str]
    sentence: str


def removals_of(roster: Roster, who: str, service: str | None = None) -> list[Removal]:
    """The rows with this address, of one service if it is given; else those whose keys are printed so."""
    of_person = [row for row in roster.rows if row.email.casefold() == who.casefold()]
    if of_person:
        return _readable(row for row in of_person if service is None or row.identity[0] == service.casefold())
    rows = (row for row in roster.rows if row.keys and printed_keys(row.keys) == who)
    return [*_readable(rows), *_unreadable(row for row in roster.unreadable if printed_keys(row.keys) == who)]


def removals_of_missing(roster: Roster, given: Sequence[Row]) -> list[Removal]:
    """The rows that the given ones do not name; one that cannot be read is mended where a given one has its keys."""
    named, written = {row.identity for row in given}, {row.to_keys() for row in given}
    rows = (row for row in roster.rows if row.identity not in named)
    return [*_readable(rows), *_unreadable(row for row in roster.unreadable if row.keys not in written)]


def without(roster: Roster, removals: Iterable[Removal]) -> Roster:
    """What is left of it."""
    gone = {removal.keys for removal in removals}
    return Roster(
        rows=tuple(row for row in roster.rows if row.keys not in gone),
        unreadable=tuple(row for row in roster.unreadable if row.keys not in gone),
    )


def _readable(rows: Iterable[Row]) -> list[Removal]:
    return [
        Removal(row.keys, f"remove  {row.email} for {row.service}: {row.name}, {'' if row.oncall else 'not '}on call")
        for row in rows
        if row.keys
    ]


def _unreadable(rows: Iterable[UnreadableRow]) -> list[Removal]:
    return [Removal(row.keys, f"remove  the row {row.sentence}") for row in rows]
