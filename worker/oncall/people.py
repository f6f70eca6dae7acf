"""The people that definitions name, with what a row of the on-call table knows of them beside it."""

from collections.abc import Mapping
from functools import cached_property

from worker.oncall.definitions import Definitions, PersonRecord
from worker.oncall.on_call import Person, Roster, person_of
from worker.oncall.rows import Row


class People:
    """`by_name`: whoever has no address counts as well, for questions that call nobody."""

    def __init__(self, definitions: Definitions, roster: Roster, *, by_name: bool = False) -> None:
        self._definitions = definitions
        self._roster = roster
        self._by_name = by_name
        self._found: dict[str, Person | None] = {}

    def find(self, key: str) -> Person | None:
        """By their record, or by an address; None of whom nothing says how to reach them."""
        if key not in self._found:
            self._found[key] = self._find(key)
        return self._found[key]

    def name(self, key: str) -> str:
        found = self.find(key)
        return found.name if found else key

    def _find(self, key: str) -> Person | None:
        record = self._definitions.people.get(key)
        address = record.email if record else key if "@" in key else ""
        if not address:
            return Person(name=key, email="", key=key) if self._by_name else None
        row = self._rows.get(address.casefold())
        known = person_of(row) if row else Person(name=address, email=address)
        own = {"key": key, "role": "", "order": 0}
        return _with_record(known, record) if record else known.model_copy(update=own)

    @cached_property
    def _rows(self) -> Mapping[str, Row]:
        """Of each address the row that says most of how to reach the person."""
        rows = sorted(self._roster.rows, key=lambda row: bool(row.phone) + bool(row.object_id))
        return {row.email.casefold(): row for row in rows}


def _with_record(known: Person, record: PersonRecord) -> Person:
    return Person(
        key=record.key,
        name=record.name,
        email=record.email,
        object_id=record.object_id or known.object_id,
        boards_identity=record.boards_identity or known.boards_identity,
        phone=record.phone or known.phone,
        paging=record.paging or known.paging,
    )
