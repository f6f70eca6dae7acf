"""What can still be read of a damaged spool: by the database while it can, and page by page where it cannot.

The pages are read by the published format of SQLite's files. A row counts only if its body has the digest that was
written with it, so that nothing that is misread goes on.
"""

import math
import os
import sqlite3
import struct
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, Self

from worker.intake.spool_database import digest_of, newest_number

_HEADER = 100
_MAGIC = b"SQLite format 3\x00"
_PAGE_SIZES = {512 << power for power in range(8)}
_USUAL_PAGE_SIZE = 4096
_LEAF = 13
# A row is a number that stands outside, a time, a digest and a body.
_COLUMNS = 4
_DIGEST_TYPE = 12 + 2 * 32
_REAL = 7
_SIZES = {0: 0, 1: 1, 2: 2, 3: 3, 4: 4, 5: 6, 6: 8, _REAL: 8, 8: 0, 9: 0}
_FIRST_BLOB = 12
# No event has so many bytes: a cell that claims them is garbage.
_LARGEST_ROW = 64_000_000
_GARBAGE = (ValueError, IndexError, struct.error, OSError)


class Row(NamedTuple):
    """`number` is None where it cannot be true."""

    number: int | None
    kept_at: float
    digest: bytes
    body: bytes


def salvage(path: Path) -> Iterator[Row]:
    """Every row that is as it was written, each once; what the disk does not give is left out."""
    seen: set[bytes] = set()
    for row in _all_rows(path):
        if row.digest not in seen:
            seen.add(row.digest)
            yield row


def _all_rows(path: Path) -> Iterator[Row]:
    with suppress(sqlite3.Error):
        yield from _rows_by_database(path)
        if _is_sound(path):
            return
    with path.open("rb", buffering=0) as file:
        yield from _Pages.of(file.fileno()).rows()


def _rows_by_database(path: Path) -> Iterator[Row]:
    with closing(_read_only(path)) as connection:
        for number, kept_at, digest, body in connection.execute("SELECT number, kept_at, digest, body FROM events"):
            if (row := _row(number, kept_at, digest, body)) is not None:
                yield row


def _is_sound(path: Path) -> bool:
    """Whether no row can have been overlooked."""
    with closing(_read_only(path)) as connection:
        return bool(connection.execute("PRAGMA quick_check(1)").fetchone()[0] == "ok")


def _read_only(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)


def _row(number: object, kept_at: object, digest: object, body: object) -> Row | None:
    if not isinstance(digest, bytes) or not isinstance(body, bytes) or digest_of(body) != digest:
        return None
    when = float(kept_at) if isinstance(kept_at, float | int) else math.nan
    now = time.time()
    known = number if isinstance(number, int) and 0 < number <= newest_number() else None
    return Row(known, when if 0 < when <= now else now, digest, body)


@dataclass(frozen=True, slots=True)
class _Pages:
    """The pages of a database's file, none of them trusted."""

    file: int
    header: bytes
    size: int

    @classmethod
    def of(cls, file: int) -> Self:
        header = os.pread(file, _HEADER, 0)
        if not header.startswith(_MAGIC):
            header = b""
        told = int.from_bytes(header[16:18], "big")
        size = 65_536 if told == 1 else told
        return cls(file, header, size if size in _PAGE_SIZES else _USUAL_PAGE_SIZE)

    def rows(self) -> Iterator[Row]:
        free = self._free_pages()
        for number in range(1, os.fstat(self.file).st_size // self.size + 1):
            if number not in free:
                yield from self._rows_of(number)

    def _rows_of(self, number: int) -> Iterator[Row]:
        # Garbage that leads nowhere is passed over.
        with suppress(*_GARBAGE):
            page = self._page(number)
            for cell in self._cells(page, _HEADER if number == 1 else 0):
                with suppress(*_GARBAGE):
                    if (row := self._row_at(page, cell)) is not None:
                        yield row

    def _page(self, number: int) -> bytes:
        if number < 1:
            raise ValueError("no page has this number")
        page = os.pread(self.file, self.size, (number - 1) * self.size)
        if len(page) < self.size:
            raise ValueError("the file ends before this page")
        return page

    def _free_pages(self) -> set[int]:
        """What was forgotten may still stand there; none where the list of them is not whole."""
        if not self.header:
            return set()
        trunk, count = struct.unpack(">II", self.header[32:40])
        free: set[int] = set()
        with suppress(*_GARBAGE):
            while trunk and trunk not in free:
                page = self._page(trunk)
                following, leaves = struct.unpack(">II", page[:8])
                free.add(trunk)
                free.update(struct.unpack(f">{leaves}I", page[8 : 8 + 4 * leaves]))
                trunk = following
        return free if len(free) == count else set()

    def _cells(self, page: bytes, start: int) -> list[int]:
        """Where the rows of a page begin in it."""
        if page[start] != _LEAF:
            return []
        count = min(int.from_bytes(page[start + 3 : start + 5], "big"), (self.size - start - 8) // 2)
        return list(struct.unpack(f">{count}H", page[start + 8 : start + 8 + 2 * count]))

    def _row_at(self, page: bytes, cell: int) -> Row | None:
        size, place = _varint(page, cell)
        key, place = _varint(page, place)
        if size > _LARGEST_ROW:
            return None
        return _row_of(key, self._payload(page, place, size))

    def _payload(self, page: bytes, place: int, size: int) -> bytes:
        """What stands in the page itself, and what goes on in the pages that it names."""
        here = self._size_in_page(size)
        parts, left = [page[place : place + here]], size - here
        following = page[place + here : place + here + 4]
        while left > 0:
            page = self._page(int.from_bytes(following, "big"))
            parts.append(page[4 : 4 + left])
            left -= len(parts[-1])
            following = page[:4]
        return b"".join(parts)

    def _size_in_page(self, size: int) -> int:
        most = self.size - 35
        if size <= most:
            return size
        least = (self.size - 12) * 32 // 255 - 23
        fitting = least + (size - least) % (self.size - 4)
        return fitting if fitting <= most else least


def _row_of(key: int, payload: bytes) -> Row | None:
    end, place = _varint(payload, 0)
    types = []
    while place < end:
        kind, place = _varint(payload, place)
        types.append(kind)
    if len(types) != _COLUMNS or types[0] != 0 or types[1] not in _SIZES or types[2] != _DIGEST_TYPE:
        return None
    if types[3] < _FIRST_BLOB or types[3] % 2:
        return None
    body_at = end + _SIZES[types[1]] + 32
    kept_at = struct.unpack(">d", payload[end : end + 8])[0] if types[1] == _REAL else math.nan
    return _row(key, kept_at, payload[body_at - 32 : body_at], payload[body_at : body_at + (types[3] - 12) // 2])


def _varint(content: bytes, place: int) -> tuple[int, int]:
    """The number that begins at this place, and where it ends; raises IndexError where the content does."""
    value = 0
    for at in range(place, place + 8):
        value = value << 7 | content[at] & 0x7F
        if not content[at] & 0x80:
            return value, at + 1
    return value << 8 | content[place + 8], place + 9
