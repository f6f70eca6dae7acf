"""The spool's database: how it is laid out and checked, and what its errors mean."""

import hashlib
import os
import sqlite3
import time
from contextlib import closing
from pathlib import Path

from worker.domain.errors import Misconfigured
from worker.intake import spool_disk

_VERSION = 1
# A number beyond these is no release's but damage.
_VERSIONS = 1_000
_TABLE = """
CREATE TABLE events (
    number INTEGER PRIMARY KEY AUTOINCREMENT, kept_at REAL NOT NULL, digest BLOB NOT NULL, body BLOB NOT NULL
)"""
_DAMAGE = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
_WORDS = {
    sqlite3.SQLITE_FULL: "the disk is full, or what this user may have of it",
    sqlite3.SQLITE_READONLY: "the file or its file system is read-only",
    sqlite3.SQLITE_IOERR: "the disk fails to read or write, or a quota on it is used up",
    sqlite3.SQLITE_CANTOPEN: "the file cannot be opened by this user",
    sqlite3.SQLITE_BUSY: "another program holds the file",
}
_OF_RIGHTS = {sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM, sqlite3.SQLITE_AUTH}


class Damaged(sqlite3.DatabaseError):
    """The file can be read, and is not as it was written."""


def open_database(directory: Path) -> sqlite3.Connection:
    """The database that is there, or a new one; raises Damaged, other errors of SQLite, OSError, and Misconfigured."""
    path = directory / spool_disk.DATABASE
    if not path.exists():
        spool_disk.move_journal(directory)
        _lay_out(directory)
    connection = _connect(path)
    try:
        _verify(connection, path)
    except BaseException:
        connection.close()
        raise
    return connection


def is_damage(error: sqlite3.Error) -> bool:
    return isinstance(error, Damaged) or _code(error) in _DAMAGE


def is_of_rights(error: sqlite3.Error) -> bool:
    """Whether no waiting helps, since this user may not use the file."""
    return _code(error) in _OF_RIGHTS


def may_lack_space(error: sqlite3.Error) -> bool:
    return _code(error) in {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN}


def in_words(error: sqlite3.Error) -> str:
    return _WORDS.get(_code(error), str(error))


def set_layout(connection: sqlite3.Connection) -> None:
    """A write of one page, whether the layout was set already or not."""
    connection.execute(f"PRAGMA user_version = {_VERSION}")


def digest_of(body: bytes) -> bytes:
    return hashlib.sha256(body).digest()


def newest_number() -> int:
    """Above every number of a file that was begun earlier, so that a number is one event's for ever."""
    return time.time_ns() // 1_000


def _code(error: sqlite3.Error) -> int:
    return getattr(error, "sqlite_errorcode", 0) & 0xFF


def _lay_out(directory: Path) -> None:
    """Under another name until it is whole: a file without its table is then a damaged one, never a new one."""
    unfinished = directory / spool_disk.UNFINISHED
    unfinished.unlink(missing_ok=True)
    os.close(spool_disk.open_private(unfinished, os.O_RDWR | os.O_EXCL))
    with closing(_connect(unfinished)) as connection:
        connection.execute("PRAGMA journal_mode = OFF")
        connection.execute(_TABLE)
        connection.execute("INSERT INTO sqlite_sequence VALUES ('events', ?)", (newest_number(),))
        set_layout(connection)
    unfinished.rename(directory / spool_disk.DATABASE)
    spool_disk.sync_directory(directory)


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=0, isolation_level=None, check_same_thread=False)
    try:
        # The first statement reads the file, and fails where it is damaged.
        connection.execute("PRAGMA journal_mode = PERSIST")
        connection.execute(f"PRAGMA journal_size_limit = {spool_disk.RESERVE}")
        connection.execute("PRAGMA synchronous = EXTRA")
        connection.execute("PRAGMA temp_store = MEMORY")
        # To overwrite every page of what is forgotten would need as much space in the journal.
        connection.execute("PRAGMA secure_delete = FAST")
    except BaseException:
        connection.close()
        raise
    return connection


def _verify(connection: sqlite3.Connection, path: Path) -> None:
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if _VERSION < version < _VERSIONS:
        raise Misconfigured(
            f"The spool {path} has the layout {version} of a newer release, and this release knows the layout "
            f"{_VERSION}. Start the newer release, or name another directory in TOCSIN_INTAKE_SPOOL and keep this one: "
            "it may hold events that were accepted and are not yet in the queue."
        )
    if version != _VERSION:
        raise Damaged("it does not say of which layout it is")
    found = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
    if found != "ok":
        raise Damaged(" ".join(str(found).split()))
    try:
        rows = connection.execute("SELECT digest, body FROM events")
    except sqlite3.OperationalError as error:
        if _code(error) != sqlite3.SQLITE_ERROR:
            raise
        # The table is not there.
        raise Damaged(str(error)) from error
    if altered := sum(digest_of(body) != digest for digest, body in rows):
        raise Damaged(f"{altered} events are not as they were written")
