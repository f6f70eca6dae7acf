"""The spool's file: events on disk, each of them synced before its sender is answered."""

import fcntl
import hashlib
import os
import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Self, TextIO

from worker.domain.errors import Misconfigured, Unreachable

_NAME, _LOCK = "spool.db", "lock"
_VERSION = 1
_TABLE = """
CREATE TABLE events (
    number INTEGER PRIMARY KEY AUTOINCREMENT, kept_at REAL NOT NULL, digest BLOB NOT NULL, body BLOB NOT NULL
)"""


@dataclass(frozen=True, slots=True)
class Kept:
    """One event in the spool; a higher number is a younger one."""

    number: int
    body: bytes


@dataclass(frozen=True, slots=True)
class Fill:
    """How much is kept; `oldest` is when the first of it was, in Unix time, and 0 while there is nothing."""

    events: int
    bytes: int
    oldest: float


class SpoolFile:
    """For one process at a time; used by one thread at a time, which waits for the disk.

    The journal is truncated and synced at the end of a transaction, which survives a power cut as well as a kill. With
    a write-ahead log a damaged log would be taken for an empty one.
    """

    def __init__(self, directory: Path, connection: sqlite3.Connection, lock: TextIO) -> None:
        self._directory = directory
        self._connection = connection
        self._lock = lock

    @classmethod
    def open(cls, directory: Path) -> Self:
        """Raises Misconfigured where another intake has it, or where it is there and cannot be trusted."""
        with _explained_at_start(directory):
            directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            lock = _locked(directory)
            try:
                return cls(directory, _checked(directory / _NAME), lock)
            except BaseException:
                lock.close()
                raise

    def put(self, bodies: Sequence[bytes]) -> None:
        """All of them or, with Unreachable, none."""
        rows = [(time.time(), hashlib.sha256(body).digest(), body) for body in bodies]
        with self._transaction():
            self._connection.executemany("INSERT INTO events (kept_at, digest, body) VALUES (?, ?, ?)", rows)

    def after(self, number: int, limit: int) -> list[Kept]:
        """The oldest of those that are younger than this one."""
        with self._explained():
            statement = "SELECT number, body FROM events WHERE number > ? ORDER BY number LIMIT ?"
            return [Kept(*row) for row in self._connection.execute(statement, (number, limit))]

    def remove(self, kept: Sequence[Kept]) -> None:
        with self._transaction():
            self._connection.executemany("DELETE FROM events WHERE number = ?", [(each.number,) for each in kept])

    def fill(self) -> Fill:
        """Looks at every row: for the start, and not for each event."""
        with self._explained():
            statement = "SELECT count(*), coalesce(sum(length(body)), 0) FROM events"
            events, size = self._connection.execute(statement).fetchone()
        return Fill(events, size, self.oldest())

    def oldest(self) -> float:
        with self._explained():
            row = self._connection.execute("SELECT kept_at FROM events ORDER BY number LIMIT 1").fetchone()
        return float(row[0]) if row else 0.0

    def close(self) -> None:
        self._connection.close()
        self._lock.close()

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        with self._explained():
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._connection.execute("COMMIT")
            except BaseException:
                self._connection.rollback()
                raise

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise Unreachable(f"The spool in {self._directory} cannot be used: {error}.") from error


def _locked(directory: Path) -> TextIO:
    lock = (directory / _LOCK).open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.close()
        raise Misconfigured(
            f"Another intake has the spool in {directory}. Give each intake a TOCSIN_INTAKE_SPOOL of its own."
        ) from None
    return lock


def _checked(path: Path) -> sqlite3.Connection:
    if not path.exists():
        _lay_out(path)
    connection = _connected(path)
    try:
        _verify(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def _lay_out(path: Path) -> None:
    """Under another name until it is whole: a file without its table is then a damaged one, never a new one."""
    unfinished = path.with_suffix(".new")
    unfinished.unlink(missing_ok=True)
    with closing(_connected(unfinished)) as connection:
        connection.execute(_TABLE)
        connection.execute(f"PRAGMA user_version = {_VERSION}")
    unfinished.rename(path)
    folder = os.open(path.parent, os.O_RDONLY)
    os.fsync(folder)
    os.close(folder)


def _connected(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=0, isolation_level=None, check_same_thread=False)
    try:
        # The first statement reads the file, and fails where it is damaged.
        connection.execute("PRAGMA journal_mode = TRUNCATE")
        connection.execute("PRAGMA synchronous = EXTRA")
    except BaseException:
        connection.close()
        raise
    return connection


def _verify(connection: sqlite3.Connection) -> None:
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if version != _VERSION:
        raise sqlite3.DatabaseError(f"it has the layout {version}, and this release knows the layout {_VERSION}")
    found = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
    if found != "ok":
        raise sqlite3.DatabaseError(" ".join(str(found).split()))
    rows = connection.execute("SELECT digest, body FROM events")
    altered = sum(hashlib.sha256(body).digest() != digest for digest, body in rows)
    if altered:
        raise sqlite3.DatabaseError(f"{altered} events are not as they were written")


@contextmanager
def _explained_at_start(directory: Path) -> Iterator[None]:
    try:
        yield
    except (sqlite3.Error, OSError) as error:
        raise Misconfigured(
            f"The spool in {directory} cannot be used: {error}. It may hold events that were accepted and are not yet "
            f"in the queue. Keep its {_NAME} for somebody to look into, and start with another directory."
        ) from error
