"""A file of people on call: read with every fault named, and compared with the rows that are stored."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from worker.domain.errors import Rejected
from worker.domain.phone_number import masked
from worker.domain.text import clean_line
from worker.domain.validation import faults
from worker.oncall.cells import is_blank, read_address_cell, read_yes_or_no, spoilt
from worker.oncall.files.text import read_text
from worker.oncall.rows import Row, column_named, read_row
from worker.oncall.spreadsheet import Line, Table, read_table

_FAULTS_NAMED = 10
_TEXTS = frozenset({".csv", ".tsv", ".tab", ".txt"})
# Whose content says what it is, and how to save it as what can be read.
_WORKBOOKS = frozenset({".xls", ".xlsx", ".xlsm", ".xlsb", ".ods", ".numbers"})
_JSON = ".json"
_NEEDED = ("email", "oncall")
_COLUMNS = (
    "One line names the columns: name, email, service, oncall, and if you like role, order, phone, paging, object_id "
    "and boards_identity."
)
_COMPARED = ("name", "email", "service", "oncall", "role", "order", "object_id", "boards_identity", "phone", "paging")


@dataclass(frozen=True, slots=True)
class Change:
    """A row as it is to be stored, and what that changes."""

    row: Row
    sentence: str


def read_roster_file(path: Path) -> list[Row]:
    """Raise Rejected, naming every line at fault."""
    rows: list[Row] = []
    wrong: list[str] = []
    for entry in _entries(path):
        try:
            rows.append(_row(entry))
        except ValidationError as error:
            wrong.append(f"{entry.place}: {faults(error)}")
        except ValueError as error:
            wrong.append(f"{entry.place}: {error}")
    wrong += _duplicates(rows)
    if wrong:
        more = f"\n  and {len(wrong) - _FAULTS_NAMED} more" if len(wrong) > _FAULTS_NAMED else ""
        told = "\n".join(f"  {each}" for each in wrong[:_FAULTS_NAMED])
        raise Rejected(f"{path} cannot be imported, and nothing was changed:\n{told}{more}")
    if not rows:
        raise Rejected(f"{path} names nobody.")
    return rows


@dataclass(frozen=True, slots=True)
class _Entry:
    """What one line or object says, by the columns that are known, and what is wrong with it whatever they mean."""

    place: str
    columns: Mapping[str, Any]
    wrong: tuple[str, ...] = ()


def _row(entry: _Entry) -> Row:
    """Raises ValueError."""
    if entry.wrong:
        raise ValueError("; ".join(entry.wrong))
    return read_row(entry.columns)


def _entries(path: Path) -> Iterable[_Entry]:
    suffix = path.suffix.lower()
    if suffix not in _TEXTS | _WORKBOOKS | {_JSON}:
        raise Rejected(f"{path} is neither a .csv nor a .json file.")
    text = read_text(path)
    return _json_entries(path, text) if suffix == _JSON else _table_entries(path, text)


def _json_entries(path: Path, text: str) -> Iterable[_Entry]:
    try:
        given = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Rejected(f"{path} is not JSON: {error}.") from None
    if not isinstance(given, list) or not all(isinstance(each, dict) for each in given):
        raise Rejected(f"{path} must be a list of objects with name, email, service and oncall.")
    return [_Entry(f"entry {number}", each) for number, each in enumerate(given, start=1)]


def _table_entries(path: Path, text: str) -> Iterable[_Entry]:
    try:
        table = read_table(text, count_columns=lambda names: len(set(filter(None, map(column_named, names)))))
    except Rejected as error:
        raise Rejected(f"{path} {error}") from None
    names = [column_named(name) for name in table.head.cells]
    if not table.head.cells:
        return []
    _check_head(path, table, names)
    lines = (line for line in table.body if line.cells != table.head.cells)
    return [entry for line in lines if not _names_nobody((entry := _entry(names, line)).columns)]


def _entry(names: Sequence[str | None], line: Line) -> _Entry:
    """An empty cell says nothing, as a missing column does; but who is not marked as on call is not."""
    cells: dict[str, list[str]] = {"oncall": []}
    for name, cell in zip(names, line.cells, strict=False):
        if name is not None and not is_blank(cell):
            cells.setdefault(name, []).append(cell)
    # Where a column stands twice, both may say the same; otherwise no reading is the right one.
    twice = [name for name, several in cells.items() if len(set(map(clean_line, several))) > 1]
    wrong = [f"{name}: two columns are named so, and say different things" for name in twice]
    wrong += [
        f"{name}: {fault}" for name, several in cells.items() for cell in several if (fault := spoilt(name, cell))
    ]
    columns = {name: several[0] if several else "" for name, several in cells.items()}
    if "email" in columns:
        columns["email"] = read_address_cell(columns["email"])
    return _Entry(f"line {line.number}", columns, tuple(wrong))


def _check_head(path: Path, table: Table, names: Sequence[str | None]) -> None:
    missing = [name for name in _NEEDED if name not in names]
    above = next((line for line in table.above if any("@" in cell for cell in line.cells)), None)
    if len(missing) == len(_NEEDED) and path.suffix.lower() != ".csv":
        raise Rejected(f"{path} is neither a .csv nor a .json file, and has no line of column names. {_COLUMNS}")
    if len(missing) == len(_NEEDED):
        raise Rejected(f"{path} has no line of column names. {_COLUMNS}")
    if missing:
        lacking = " and ".join(missing)
        raise Rejected(f"{path} has no column {lacking} among its column names (line {table.head.number}). {_COLUMNS}")
    if above is not None:
        raise Rejected(
            f"{path} names somebody in line {above.number}, above the line of column names (line "
            f"{table.head.number}): move that to the top."
        )


def _names_nobody(columns: Mapping[str, str]) -> bool:
    """Emptied, or left with what boxes to tick and formulas say in a line that nobody has filled."""
    if columns.keys() - {"oncall", "order"}:
        return False
    try:
        return not read_yes_or_no(columns["oncall"])
    except ValueError:
        return False


def _duplicates(rows: Sequence[Row]) -> list[str]:
    seen: set[tuple[str, str]] = set()
    duplicates = []
    for row in rows:
        if row.identity in seen:
            duplicates.append(f"{clean_line(row.email)} stands there twice for the service {row.service!r}")
        seen.add(row.identity)
    return duplicates


def compare(stored: Iterable[Row], given: Iterable[Row]) -> list[Change]:
    """What importing the given rows changes; one that changes nothing is not among it."""
    known = {row.identity: row for row in stored}
    changes = (_change(known.get(row.identity), row) for row in given)
    return [change for change in changes if change is not None]


def _change(stored: Row | None, given: Row) -> Change | None:
    who = f"{given.email} for {given.service}"
    if stored is None:
        return Change(given, f"add     {who}: {given.name}{_called(given)}")
    merged = stored.model_copy(update={name: getattr(given, name) for name in given.model_fields_set - {"keys"}})
    differences = [
        f"{name} {_shown(name, stored)} -> {_shown(name, merged)}"
        for name in _COMPARED
        if getattr(stored, name) != getattr(merged, name)
    ]
    return Change(merged, f"change  {who}: {', '.join(differences)}") if differences else None


def _shown(name: str, row: Row) -> str:
    """A telephone number in part: what is told of a change is kept."""
    value = getattr(row, name)
    return repr(masked(value) if name == "phone" and value else value)


def _called(row: Row) -> str:
    return ", on call" if row.oncall else ", not on call"
