"""The broker's state in a SQLite file: one transaction for each flush, and everything back after a restart."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

from worker.sandbox.service_bus import stored_rows as rows
from worker.sandbox.service_bus.changes import Changes, Saved


class StoreUnusable(Exception):
    """The file cannot be read or written; the message says which, why, and what to do."""


class Store:
    """For one process at a time: the file is locked from opening to closing."""

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        self._path = path
        self._connection = connection

    @classmethod
    def open(cls, path: Path) -> Self:
        with _explained(path, "opened"):
            path.parent.mkdir(parents=True, exist_ok=True)
            connection = sqlite3.connect(path, timeout=0, isolation_level=None)
            try:
                _prepare(connection, path)
            except BaseException:
                connection.close()
                raise
        return cls(path, connection)

    def load(self, queue: str) -> Saved:
        """Locks are not kept: what was locked when the process ended is ready again."""
        with _explained(self._path, "read"):
            messages = self._rows("SELECT * FROM messages WHERE queue = ? ORDER BY sequence_number", queue)
            sent_ids = self._rows("SELECT * FROM sent_ids WHERE queue = ?", queue)
            last = self._rows("SELECT last_number FROM last_numbers WHERE queue = ?", queue)
        return Saved(
            tuple(rows.message_from(row) for row in messages),
            tuple(rows.sent_from(row) for row in sent_ids),
            last[0]["last_number"] if last else 0,
        )

    def write(self, changes: Changes) -> None:
        """All of the changes or none."""
        with _explained(self._path, "written"), _transaction(self._connection, "BEGIN"):
            self._write_messages(changes)
            self._write_sent_ids(changes)
            self._connection.executemany(rows.PUT_LAST_NUMBER, changes.last_numbers.items())

    def close(self) -> None:
        self._connection.close()

    def _rows(self, statement: str, queue: str) -> list[sqlite3.Row]:
        return self._connection.execute(statement, (queue,)).fetchall()

    def _write_messages(self, changes: Changes) -> None:
        gone = [key for key, message in changes.messages.items() if message is None]
        kept = [rows.message_row(key[0], message) for key, message in changes.messages.items() if message]
        self._connection.executemany(rows.DROP_MESSAGE, gone)
        self._connection.executemany(rows.PUT_MESSAGE, kept)

    def _write_sent_ids(self, changes: Changes) -> None:
        gone = [key for key, sent in changes.sent_ids.items() if sent is None]
        kept = [rows.sent_row(key[0], sent) for key, sent in changes.sent_ids.items() if sent]
        self._connection.executemany(rows.DROP_SENT_ID, gone)
        self._connection.executemany(rows.PUT_SENT_ID, kept)


def _prepare(connection: sqlite3.Connection, path: Path) -> None:
    connection.row_factory = sqlite3.Row
    connection.execute("PRAGMA locking_mode = EXCLUSIVE")
    connection.execute("PRAGMA journal_mode = WAL")
    # A killed process loses nothing this way; only a power cut could take the last commits, and this is a sandbox.
    connection.execute("PRAGMA synchronous = NORMAL")
    with _transaction(connection, "BEGIN IMMEDIATE"):  # locks the file now, and not at the first message
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        if version == 0:
            _lay_out(connection)
        elif version != rows.VERSION:
            raise StoreUnusable(
                f"The queues in {path} were stored by another release of the sandbox, in layout {version}; this one "
                f"knows layout {rows.VERSION}. Use that release, or remove the file and lose its messages."
            )


def _lay_out(connection: sqlite3.Connection) -> None:
    for table in rows.TABLES:
        connection.execute(table)
    connection.execute(f"PRAGMA user_version = {rows.VERSION}")


@contextmanager
def _transaction(connection: sqlite3.Connection, begin: str) -> Iterator[None]:
    connection.execute(begin)
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        connection.rollback()
        raise


@contextmanager
def _explained(path: Path, done: str) -> Iterator[None]:
    try:
        yield
    except (sqlite3.Error, OSError) as error:
        raise StoreUnusable(
            f"The queues are stored in {path}, which could not be {done}: {error}. If another sandbox uses it, stop "
            "that one; if the disk is full, make room; if the file is damaged, remove it and lose its messages."
        ) from error
