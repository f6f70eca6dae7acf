"""A table as spreadsheets export it: in any encoding, with any separator, from its line of column names on."""

import codecs
import csv
import io
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Protocol

from worker.domain.errors import Rejected
from worker.oncall.cells import is_blank

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before that of UTF-16, with which it begins
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SEPARATORS = (",", ";", "\t", "|")
_SAID_SEPARATOR = re.compile(r"\"?sep=(?P<separator>.)\"?(\r\n|\r|\n|\Z)", re.IGNORECASE)
# Above the column names there may be a title, and who made it when.
_LINES_ABOVE = 20
# No spreadsheet ends a file with it: what swallows it is a quotation mark that is never closed.
_END = "\ue000"
_SAVE = "Save it as CSV UTF-8 and import that."
_OPEN_DOCUMENT = b"mimetypeapplication/vnd.oasis.opendocument.spreadsheet"


class _Rows(Protocol):
    """As the csv module reads them: the number is that of the last line read."""

    @property
    def line_num(self) -> int: ...

    def __iter__(self) -> Iterator[list[str]]: ...


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a table; `number` is that of its first line in the file."""

    number: int
    cells: tuple[str, ...]

    @property
    def is_blank(self) -> bool:
        return all(map(is_blank, self.cells))


@dataclass(frozen=True, slots=True)
class Table:
    """The line of column names, and what stands below and above it; blank lines are in neither."""

    head: Line
    body: tuple[Line, ...]
    above: tuple[Line, ...]


def decode(content: bytes) -> str:
    """Raises Rejected, whose sentence begins with what the content is."""
    if workbook := _workbook(content):
        raise Rejected(f"is {workbook}. {_SAVE}")
    encoding = next((name for mark, name in _BOMS if content.startswith(mark)), None) or _without_mark(content)
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise Rejected(
            f'is not in UTF-8 (line {line}), and what its letters are cannot be told. In Excel, save it as "CSV UTF-8 '
            '(Comma delimited)"; elsewhere choose UTF-8 when exporting. Then import it again.'
        ) from None


def _workbook(content: bytes) -> str:
    head = content[:4_096]
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        return "an Excel workbook"
    if not head.startswith(b"PK\x03\x04"):
        return ""
    if _OPEN_DOCUMENT in head:
        return "an OpenDocument spreadsheet"
    return "a Numbers document" if b"Index/" in head else "an Excel workbook" if b"xml" in head else "an archive"


def _without_mark(content: bytes) -> str:
    """UTF-16 has a zero in every other byte of what is ASCII."""
    head = content[:200]
    if head[1::2].count(0) > len(head) // 4:
        return "utf-16-le"
    return "utf-16-be" if head[::2].count(0) > len(head) // 4 else "utf-8"


def read_table(text: str, count_columns: Callable[[Sequence[str]], int]) -> Table:
    """The table whose column names are known best; where none is known, its first line is the head.

    `count_columns`: how many of these names are known. Raises Rejected, as `decode` does.
    """
    said = _SAID_SEPARATOR.match(text)
    body = text[said.end() :] if said else text
    separators: Sequence[str] = said["separator"] if said else _SEPARATORS
    found = [(separator, head) for separator in separators for head in _first_lines(body, separator)]
    if not found:
        return Table(Line(1, ()), (), ())
    separator, head = max(found, key=lambda each: count_columns(each[1].cells))
    before = 1 if said else 0
    lines = [Line(line.number + before, line.cells) for line in _lines(body, separator) if not line.is_blank]
    number = head.number + before
    return Table(
        head=Line(number, head.cells),
        body=tuple(line for line in lines if line.number > number),
        above=tuple(line for line in lines if line.number < number),
    )


def _first_lines(text: str, separator: str) -> list[Line]:
    """Cut off from the rest, of which a false separator may make nonsense."""
    cells = csv.reader(islice(io.StringIO(text, newline=""), 4 * _LINES_ABOVE), delimiter=separator)
    found: list[Line] = []
    try:
        found.extend(islice((line for line in _numbered(cells) if not line.is_blank), _LINES_ABOVE))
    except csv.Error:
        return found
    return found


def _lines(text: str, separator: str) -> Iterator[Line]:
    ended = text if text.endswith(("\n", "\r")) or not text else text + "\n"
    cells = csv.reader(io.StringIO(ended + _END, newline=""), delimiter=separator)
    number = 1
    try:
        for line in _numbered(cells):
            if line.cells == (_END,):
                return
            number = line.number
            if line.cells and _END in line.cells[-1]:
                raise Rejected(f"cannot be read: line {number} opens a quotation mark that is never closed.")
            yield line
    except csv.Error as error:
        raise Rejected(f"cannot be read: line {cells.line_num}: {error}.") from None


def _numbered(cells: "_Rows") -> Iterator[Line]:
    before = 0
    for row in cells:
        yield Line(before + 1, tuple(row))
        before = cells.line_num
