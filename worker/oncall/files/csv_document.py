"""The small way in: schedules as a table, one line each, in the shape that the other files have.

Where a schedule stands in several lines, each is a layer, with a name in its own column.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from worker.domain.errors import Rejected
from worker.domain.text import clean_line
from worker.oncall.files.document import Document, Fault, Path, Unreadable
from worker.oncall.spreadsheet import Line, Table, read_table

_OF_SCHEDULES = ("time_zone", "description")
_OF_LAYERS = ("layer", "priority", "every", "starts", "ends", "people", "depth", "windows")
COLUMNS = ("schedule", *_OF_SCHEDULES, *_OF_LAYERS)
_NEEDED = ("schedule", "time_zone", "people")
_ADVICE = (
    "One line names the columns: schedule,time_zone,every,starts,people, and if you like layer, priority, ends, depth, "
    "windows and description."
)
_PLURALS = {"zone": "time_zone", "timezone": "time_zone", "window": "windows", "start": "starts", "end": "ends"}


def column_of_schedules(text: str) -> str | None:
    """The column that a name at the head of a table means."""
    word = re.sub(r"[\s_-]+", "_", clean_line(text)[:50].casefold())
    name = _PLURALS.get(word, word)
    return name if name in COLUMNS else None


def read_csv(text: str) -> Document:
    """Raises Unreadable."""
    try:
        table = read_table(text, count_columns=_known)
    except Rejected as error:
        raise Unreadable(1, str(error)) from None
    names = [column_of_schedules(name) for name in table.head.cells]
    if missing := [name for name in _NEEDED if name not in names]:
        raise Unreadable(table.head.number, f"there is no column {' and '.join(missing)}. {_ADVICE}")
    return _Sheet(table, names).document()


def _known(names: Sequence[str]) -> int:
    return len(set(filter(None, map(column_of_schedules, names))))


class _Sheet:
    def __init__(self, table: Table, names: Sequence[str | None]) -> None:
        self._table = table
        self._names = names
        self._schedules: dict[str, Any] = {}
        self._lines: dict[Path, int] = {(): table.head.number}
        self._faults: list[Fault] = []

    def document(self) -> Document:
        self._name_columns()
        for line in self._table.body:
            self._add(line)
        return Document({"schedules": self._schedules}, self._lines, self._faults)

    def _name_columns(self) -> None:
        for given, known in zip(self._table.head.cells, self._names, strict=True):
            if known is None and clean_line(given):
                self._faults.append(Fault((clean_line(given)[:100],), f"there is no such column. {_ADVICE}"))
            elif known and self._names.count(known) > 1:
                self._faults.append(Fault((known,), "two columns are named so"))

    def _add(self, line: Line) -> None:
        cells = {name: cell.strip() for name, cell in zip(self._names, line.cells, strict=False) if name}
        name = cells.get("schedule", "")
        path: Path = ("schedules", name)
        self._lines.setdefault(path, line.number)
        schedule = self._schedules.setdefault(name, {"layers": []})
        here = (*path, "layers", len(schedule["layers"]))
        self._lines[here] = line.number
        if schedule["layers"] and not cells.get("layer"):
            self._faults.append(Fault(here, "the schedule has a line already; a layer more has a name in column layer"))
        self._describe(schedule, cells, here)
        names = {"layer": "name"}
        schedule["layers"].append({names.get(each, each): cells[each] for each in _OF_LAYERS if cells.get(each)})

    def _describe(self, schedule: dict[str, Any], cells: Mapping[str, str], path: Path) -> None:
        """What each line of a schedule may say, and all that do say the same."""
        for column in _OF_SCHEDULES:
            cell = cells.get(column)
            if cell and schedule.setdefault(column, cell) != cell:
                self._faults.append(Fault((*path, column), "another line of the schedule says something else"))
