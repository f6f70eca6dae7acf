"""The spool's file: events on disk, each of them synced before its sender is answered."""

import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from typing import IO, Self, TypeVar

import structlog

from worker.domain.errors import Misconfigured, TocsinError, Unreachable
from worker.intake import spool_disk
from worker.intake.spool_database import (
    Damaged,
    digest_of,
    in_words,
    is_damage,
    is_of_rights,
    may_lack_space,
    open_database,
    set_layout,
)
from worker.intake.spool_salvage import Row, salvage

log = structlog.get_logger()

Result = TypeVar("Result")

# As many as the journal's reserve is for.
_FORGET_AT_ONCE = 100
_FORGET_IN_ONE_CALL = 1_000
_ADOPT_AT_ONCE = 20
_SPACE = ("freelist_count", "page_size")


@dataclass(frozen=True, slots=True)
class Kept:
    """One event in the spool; a higher number is a younger one."""

    number: int
    body: bytes


@dataclass(frozen=True, slots=True)
class Fill:
    """How much is owed to the queue; `oldest` is when the first of it was kept, in Unix time, and 0 for nothing."""

    events: int
    bytes: int
    oldest: float


class SpoolFile:
    """For one process at a time; used by one thread at a time, which waits for the disk.

    What was sent is remembered here until the disk lets go of it: it is not read again, and counts as taken space
    (`unforgotten`, in bytes), not as owed. `trouble` says why nothing can be kept, `free` how many bytes the disk
    takes.

    The journal keeps its space between transactions, so that forgetting needs none, and none is kept without it. Its
    header is cleared and synced at the end of a transaction, which survives a power cut as well as a kill. With a
    write-ahead log a damaged log would be taken for an empty one.

    A file that turns out to be damaged is set aside, at any time; a new one takes its place, and what can be read of
    the damaged one goes into it. While the disk does not even take that, there is no file, and `look` tries again.
    """

    def __init__(self, directory: Path) -> None:
        self.fill = Fill(0, 0, 0.0)
        self.unforgotten = 0
        self.free = 0
        self.set_aside = 0
        self.trouble: str | None = None
        self._directory = directory
        self._connection: sqlite3.Connection | None = None
        self._lock: IO[bytes] | None = None
        self._sent: dict[int, int] = {}
        self._not_to_salvage: set[Path] = set()
        self._is_damaged = False
        self._identity = (0, 0)

    @classmethod
    def open(cls, directory: Path) -> Self:
        """Raises Misconfigured where another intake has it, a newer release wrote it, or this user may not use it."""
        file = cls(directory)
        try:
            file.look()
        except BaseException:
            file.close()
            raise
        return file

    def look(self) -> None:
        """See what has changed on the disk, and try again what it did not take; raises Misconfigured."""
        try:
            with self._explained():
                self._follow_if_moved()
                self._salvage()
                spool_disk.keep_reserve(self._directory)
                self._measure()
                if self.trouble:
                    self._probe()
        except Unreachable as error:
            self.trouble = str(error)
        else:
            self.trouble = None

    def put(self, bodies: Sequence[bytes]) -> None:
        """All of them or, with Unreachable, none."""
        now = time.time()
        rows = [(now, digest_of(body), body) for body in bodies]

        def insert(connection: sqlite3.Connection) -> None:
            spool_disk.keep_reserve(self._directory)
            with _transaction(connection):
                connection.executemany("INSERT INTO events (kept_at, digest, body) VALUES (?, ?, ?)", rows)

        self._run(insert)
        self._owe(len(bodies), sum(map(len, bodies)), now)

    def after(self, number: int, limit: int) -> list[Kept]:
        """The oldest of those that are younger than this one and are not sent yet."""

        def read(connection: sqlite3.Connection) -> list[Kept]:
            cursor = connection.execute("SELECT number FROM events WHERE number > ? ORDER BY number", (number,))
            owed = list(islice((each for (each,) in cursor if each not in self._sent), limit))
            cursor.close()
            return [_kept(connection, each) for each in owed]

        return self._run(read)

    def forget(self, sent: Sequence[Kept] = ()) -> None:
        """Remove what was sent; with Unreachable it is remembered, and goes another time."""
        for kept in sent:
            size = len(kept.body)
            self._sent[kept.number] = size
            self.unforgotten += size
            self._owe(-1, -size, 0.0)
        for _ in range(0, _FORGET_IN_ONE_CALL, _FORGET_AT_ONCE):
            if not (some := list(islice(self._sent, _FORGET_AT_ONCE))):
                return
            self._run(partial(self._forget, some))

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._connection = None
        self._release()

    def _run(self, work: Callable[[sqlite3.Connection], Result]) -> Result:
        """Do it on the file; where that is damaged or gone, on the one that takes its place."""
        try:
            with self._explained():
                try:
                    return work(self._follow_if_moved())
                except sqlite3.Error as error:
                    if not is_damage(error):
                        raise
                    connection = self._replace(error)
                return work(connection)
        except TocsinError as error:
            self.trouble = str(error)
            if isinstance(error, Unreachable):
                raise
            raise Unreachable(str(error)) from error

    def _forget(self, some: Sequence[int], connection: sqlite3.Connection) -> None:
        try:
            _delete(connection, some)
        except sqlite3.Error as error:
            if not may_lack_space(error) or self._owes_any(connection):
                raise
            # To do without the whole file needs no space, and gives back its own.
            self._drop(connection)
        else:
            self.unforgotten -= sum(self._sent.pop(number) for number in some)

    def _owes_any(self, connection: sqlite3.Connection) -> bool:
        numbers = connection.execute("SELECT number FROM events")
        owes = any(number not in self._sent for (number,) in numbers)
        numbers.close()
        return owes

    def _drop(self, connection: sqlite3.Connection) -> None:
        connection.close()
        self._connection = None
        (self._directory / spool_disk.DATABASE).unlink()
        self._sent.clear()
        self.unforgotten = 0
        self._ready()

    def _ready(self) -> sqlite3.Connection:
        """The file, opened anew where it could not be used so far; raises Misconfigured, SQLite's errors, OSError."""
        if self._connection is None:
            spool_disk.make_private(self._directory)
            self._lock = self._lock or spool_disk.take_lock(self._directory)
            if self._is_damaged:
                # To examine it again for each event would take longer every time.
                spool_disk.check_set_aside(self._directory)
            try:
                self._connection = self._opened()
            except sqlite3.Error as error:
                if not is_damage(error):
                    raise
                return self._replace(error)
            self._count()
        return self._connection

    def _opened(self) -> sqlite3.Connection:
        connection = open_database(self._directory)
        self._identity = _identity(self._directory)
        return connection

    def _replace(self, error: sqlite3.Error) -> sqlite3.Connection:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        self._is_damaged = True
        aside = spool_disk.set_aside(self._directory)
        self._is_damaged = False
        log.error("spool.set_aside", file=str(aside), error=str(error))
        self._connection = self._opened()
        self._count()
        self._salvage()
        return self._connection

    def _salvage(self) -> None:
        """Take over what can be read of what was set aside; a disk without room for it leaves the rest for later."""
        for aside in spool_disk.not_salvaged(self._directory):
            if aside in self._not_to_salvage:
                continue
            try:
                adopted = self._adopt(salvage(aside))
                spool_disk.note_salvaged(aside)
            except (sqlite3.Error, OSError):
                raise
            except Exception:
                # A fault of ours in reading what may be anything does not keep events from being accepted.
                log.exception("spool.salvage_failed", file=str(aside))
                self._not_to_salvage.add(aside)
            else:
                self._count()
                log.warning("spool.salvaged", file=str(aside), events=adopted)

    def _adopt(self, rows: Iterable[Row]) -> int:
        connection, adopted = self._ready(), 0
        owed = (row for row in rows if row.number not in self._sent)
        while some := list(islice(owed, _ADOPT_AT_ONCE)):
            with _transaction(connection):
                adopted += sum(_insert(connection, row) for row in some)
        return adopted

    def _follow_if_moved(self) -> sqlite3.Connection:
        """Where somebody took the file away while it was open, begin a new one with all that is owed."""
        if self._connection is None or self._identity == _identity(self._directory):
            return self._ready()
        log.error("spool.taken_away", file=str(self._directory / spool_disk.DATABASE))
        old, self._connection = self._connection, None
        self._release()
        try:
            # Only then can the old one be read: it misses the file beside its journal.
            self._ready()
            self._adopt(_all_of(old))
        except BaseException:
            self._connection, new = old, self._connection
            if new is not None:
                new.close()
            raise
        old.close()
        self._count()
        return self._ready()

    def _release(self) -> None:
        if self._lock is not None:
            self._lock.close()
        self._lock = None

    def _count(self) -> None:
        connection, events, size = self._ready(), 0, 0
        for number, length in connection.execute("SELECT number, length(body) FROM events"):
            if number not in self._sent:
                events += 1
                size += length
        self.fill = Fill(events, size, self._oldest(connection))

    def _measure(self) -> None:
        self.free = spool_disk.free_bytes(self._directory) + self._free_in_file()
        self.set_aside = spool_disk.count_set_aside(self._directory)
        self.fill = Fill(self.fill.events, self.fill.bytes, self._oldest(self._ready()))

    def _free_in_file(self) -> int:
        pages, page_size = (self._ready().execute(f"PRAGMA {each}").fetchone()[0] for each in _SPACE)
        return int(pages) * int(page_size)

    def _probe(self) -> None:
        """Write, to see whether it can be done again."""
        with _transaction(connection := self._ready()):
            set_layout(connection)
        if self._free_in_file() < spool_disk.PROBE:
            spool_disk.probe(self._directory)

    def _oldest(self, connection: sqlite3.Connection) -> float:
        rows = connection.execute("SELECT number, kept_at FROM events ORDER BY number")
        oldest = next((kept_at for number, kept_at in rows if number not in self._sent), 0.0)
        rows.close()
        return float(oldest)

    def _owe(self, events: int, size: int, kept_at: float) -> None:
        # What the disk kept although it said that it had failed was never counted.
        events, size = max(self.fill.events + events, 0), max(self.fill.bytes + size, 0)
        self.fill = Fill(events, size, (self.fill.oldest or kept_at) if events else 0.0)

    @contextmanager
    def _explained(self) -> Iterator[None]:
        """Whatever may pass as Unreachable; what needs another setting or another right as Misconfigured."""
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            sentence = f"The spool in {self._directory} cannot be used: {self._reason(error)}."
            if is_of_rights(error) if isinstance(error, sqlite3.Error) else not spool_disk.passes(error):
                raise Misconfigured(
                    f"{sentence} Let this user write there, or name another directory in TOCSIN_INTAKE_SPOOL and keep "
                    "this one: it may hold events that were accepted and are not yet in the queue."
                ) from error
            raise Unreachable(sentence) from error

    def _reason(self, error: sqlite3.Error | OSError) -> str:
        if isinstance(error, OSError):
            return error.strerror or str(error)
        if getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_IOERR:
            # The database does not say what the system said.
            try:
                spool_disk.probe(self._directory)
            except OSError as probed:
                return f"{in_words(error)} ({probed.strerror})"
        return in_words(error)


def _identity(directory: Path) -> tuple[int, int]:
    try:
        found = (directory / spool_disk.DATABASE).stat()
    except FileNotFoundError:
        return (0, 0)
    return found.st_dev, found.st_ino


@contextmanager
def _transaction(connection: sqlite3.Connection) -> Iterator[None]:
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        connection.rollback()
        raise


def _kept(connection: sqlite3.Connection, number: int) -> Kept:
    digest, body = connection.execute("SELECT digest, body FROM events WHERE number = ?", (number,)).fetchone()
    if digest_of(body) != digest:
        raise Damaged(f"the event {number} is not as it was written")
    return Kept(number, body)


def _delete(connection: sqlite3.Connection, numbers: Sequence[int]) -> None:
    with _transaction(connection):
        connection.executemany("DELETE FROM events WHERE number = ?", [(number,) for number in numbers])


def _insert(connection: sqlite3.Connection, row: Row) -> bool:
    """Under its own number if that is free; false where it is there already."""
    found = connection.execute("SELECT digest FROM events WHERE number = ?", (row.number,)).fetchone()
    if found is not None and found[0] == row.digest:
        return False
    number = row.number if found is None else None
    values = (number, row.kept_at, row.digest, row.body)
    connection.execute("INSERT INTO events (number, kept_at, digest, body) VALUES (?, ?, ?, ?)", values)
    return True


def _all_of(connection: sqlite3.Connection) -> Iterator[Row]:
    return (Row(*row) for row in connection.execute("SELECT number, kept_at, digest, body FROM events"))
