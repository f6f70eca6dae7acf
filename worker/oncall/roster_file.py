"""A file of people on call: read with every fault named, and compared with the rows that are stored."""

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from worker.domain.errors import Rejected
from worker.domain.text import clean_line
from worker.domain.validation import faults
from worker.oncall.rows import Row, read_row

# A rota has tens of rows; somebody's export of everything is not meant for this.
_BYTES_LIMIT = 2 * 1024 * 1024
_FAULTS_NAMED = 10
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
    for place, columns in _columns(path):
        try:
            rows.append(read_row(columns))
        except ValidationError as error:
            wrong.append(f"{place}: {faults(error)}")
    wrong += _duplicates(rows)
    if wrong:
        more = f"\n  and {len(wrong) - _FAULTS_NAMED} more" if len(wrong) > _FAULTS_NAMED else ""
        told = "\n".join(f"  {each}" for each in wrong[:_FAULTS_NAMED])
        raise Rejected(f"{path} cannot be imported, and nothing was changed:\n{told}{more}")
    if not rows:
        raise Rejected(f"{path} names nobody.")
    return rows


def _columns(path: Path) -> Iterable[tuple[str, Mapping[str, Any]]]:
    text = _text(path)
    if path.suffix.lower() == ".json":
        return _json_columns(path, text)
    if path.suffix.lower() == ".csv":
        return _csv_columns(text)
    raise Rejected(f"{path} is neither a .csv nor a .json file.")


def _text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            content = file.read(_BYTES_LIMIT + 1)
        if len(content) > _BYTES_LIMIT:
            raise Rejected(f"{path} is larger than {_BYTES_LIMIT // 1024} KB; that is no rota.")
        return content.decode("utf-8-sig")  # spreadsheets put a mark at the beginning
    except OSError as error:
        raise Rejected(f"{path} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise Rejected(f"{path} is not in UTF-8. Save it as such and import it again.") from None


def _json_columns(path: Path, text: str) -> Iterable[tuple[str, Mapping[str, Any]]]:
    try:
        given = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Rejected(f"{path} is not JSON: {error}.") from None
    if not isinstance(given, list) or not all(isinstance(each, dict) for each in given):
        raise Rejected(f"{path} must be a list of objects with name, email, service and oncall.")
    return ((f"entry {number}", each) for number, each in enumerate(given, start=1))


def _csv_columns(text: str) -> Iterable[tuple[str, Mapping[str, Any]]]:
    head = text.partition("\n")[0]
    separator = ";" if head.count(";") > head.count(",") else ","
    lines = csv.DictReader(io.StringIO(text, newline=""), delimiter=separator, restkey="")
    try:
        # An empty cell says nothing, as a missing column does.
        return [(f"line {lines.line_num}", {name: cell for name, cell in line.items() if cell}) for line in lines]
    except csv.Error as error:
        raise Rejected(f"Line {lines.line_num} cannot be read: {error}.") from None


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
        f"{name} {getattr(stored, name)!r} -> {getattr(merged, name)!r}"
        for name in _COMPARED
        if getattr(stored, name) != getattr(merged, name)
    ]
    return Change(merged, f"change  {who}: {', '.join(differences)}") if differences else None


def _called(row: Row) -> str:
    return ", on call" if row.oncall else ", not on call"
