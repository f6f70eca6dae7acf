"""Which of the two tables a file is meant for: people marked as on call, or definitions of schedules."""

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path

from worker.domain.errors import Rejected
from worker.oncall.files.csv_document import column_of_schedules
from worker.oncall.files.definition_file import SUFFIXES
from worker.oncall.files.text import read_text
from worker.oncall.rows import column_named
from worker.oncall.spreadsheet import read_table


class FileKind(StrEnum):
    """PEOPLE is what `roster_file` reads, DEFINITIONS what `read_definition_file` does."""

    PEOPLE = "people"
    DEFINITIONS = "definitions"


def kind_of(path: Path) -> FileKind:
    """By the end of its name, where that says enough; else by its columns. Raises Rejected where it cannot be read."""
    suffix = path.suffix.lower()
    if suffix == ".json":
        return FileKind.PEOPLE if read_text(path).lstrip()[:1] == "[" else FileKind.DEFINITIONS
    if suffix not in SUFFIXES:
        return FileKind.PEOPLE
    if suffix not in {".csv", ".tsv"}:
        return FileKind.DEFINITIONS
    return _kind_of_table(path)


def _kind_of_table(path: Path) -> FileKind:
    try:
        names = read_table(read_text(path), count_columns=lambda names: max(_known(names))).head.cells
    except Rejected:
        # Whoever reads it says what is wrong.
        return FileKind.PEOPLE
    people, schedules = _known(names)
    return FileKind.DEFINITIONS if schedules > people else FileKind.PEOPLE


def _known(names: Sequence[str]) -> tuple[int, int]:
    """How many of the names are columns of people, and how many of schedules."""
    return len(set(filter(None, map(column_named, names)))), len(set(filter(None, map(column_of_schedules, names))))
