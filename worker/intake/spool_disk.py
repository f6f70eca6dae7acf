"""The spool's directory: files for the intake's own user alone, space that is kept for forgetting, and what is left."""

import errno
import fcntl
import os
import time
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from worker.domain.errors import Misconfigured

DATABASE, JOURNAL, UNFINISHED = "spool.db", "spool.db-journal", "spool.new"
_LOCK, _PROBED = "lock", "probe"
# What a transaction that forgets a hundred events writes into its journal at most, twice over.
RESERVE = 1_000_000
# The largest event with its pages; a disk that does not take so much takes nothing.
PROBE = 300_000
# Each has up to the spool's size, and a disk that spoils so many spoils the next one.
_SET_ASIDE_LIMIT = 10
_JOURNAL_IN_USE = b"\xd9\xd5\x05\xf9"
# These pass, or somebody makes room; every other error is one of the setting or of rights.
_PASSING = {
    errno.ENOSPC,
    errno.EDQUOT,
    errno.EIO,
    errno.EFBIG,
    errno.ENOMEM,
    errno.EMFILE,
    errno.ENFILE,
    errno.EAGAIN,
    errno.ETIMEDOUT,
    errno.ESTALE,
}


def passes(error: OSError) -> bool:
    return error.errno in _PASSING


def open_private(path: Path, flags: int) -> int:
    """The descriptor of a file that nobody else may read, whatever the umask, and whoever made it."""
    descriptor = os.open(path, flags | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    with suppress(PermissionError):
        os.fchmod(descriptor, 0o600)
    return descriptor


def make_private(directory: Path) -> None:
    """The directory and what is in it; a volume's own directory may belong to the platform, and its files do not."""
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    with suppress(PermissionError):
        directory.chmod(0o700)
    for path in (directory / _LOCK, *directory.glob("spool.*"), *_set_aside_files(directory)):
        if path.is_file() and not path.is_symlink() and path.stat().st_mode & 0o077:
            with suppress(PermissionError):
                path.chmod(0o600)


def take_lock(directory: Path) -> IO[bytes]:
    """Raises Misconfigured where another intake has it."""
    lock = os.fdopen(open_private(directory / _LOCK, os.O_RDWR), "r+b")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.close()
        raise Misconfigured(
            f"Another intake has the spool in {directory}. Give each intake a TOCSIN_INTAKE_SPOOL of its own."
        ) from None
    return lock


def keep_reserve(directory: Path) -> None:
    """Give the journal the space that forgetting needs, while no transaction is under way; raises OSError."""
    journal = open_private(directory / JOURNAL, os.O_WRONLY)
    try:
        size = os.fstat(journal).st_size
        if size < RESERVE:
            _write_zeros(journal, RESERVE - size, offset=size)
            os.fsync(journal)
            sync_directory(directory)
    finally:
        os.close(journal)


def free_bytes(directory: Path) -> int:
    """What this user may still write to the disk."""
    disk = os.statvfs(directory)
    return disk.f_bavail * disk.f_frsize


def probe(directory: Path) -> None:
    """Write as much as an event needs and take it back; raises OSError, which says more than the database does."""
    path = directory / _PROBED
    probed = open_private(path, os.O_WRONLY | os.O_TRUNC)
    try:
        _write_zeros(probed, PROBE, offset=0)
        os.fsync(probed)
    finally:
        os.close(probed)
        path.unlink()


def sync_directory(directory: Path) -> None:
    folder = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def check_set_aside(directory: Path) -> None:
    """Raise OSError where so many damaged files are kept that none is added."""
    if count_set_aside(directory) >= _SET_ASIDE_LIMIT:
        reason = f"it is damaged, and {_SET_ASIDE_LIMIT} damaged files are kept there already; move those elsewhere"
        raise OSError(errno.EDQUOT, reason)


def set_aside(directory: Path) -> Path:
    """Give the damaged file a name under which it is kept for ever; the journal that belongs to it goes with it."""
    check_set_aside(directory)
    aside = directory / f"damaged-{_stamp()}.db"
    (directory / DATABASE).rename(aside)
    sync_directory(directory)
    move_journal(directory)
    return aside


def move_journal(directory: Path) -> None:
    """A journal in use whose file is gone belongs to what was set aside last; a new file must never play it back."""
    journal = directory / JOURNAL
    if (directory / DATABASE).exists() or not _is_in_use(journal):
        return
    last = max((path for path in directory.glob("damaged-*.db") if not journal_of(path).exists()), default=None)
    journal.rename(journal_of(last or directory / f"damaged-{_stamp()}.db"))
    sync_directory(directory)


def not_salvaged(directory: Path) -> list[Path]:
    """What was set aside and may hold events that are nowhere else, the oldest first."""
    return sorted(directory.glob("damaged-*.db"))


def note_salvaged(aside: Path) -> None:
    name = aside.name.replace("damaged-", "salvaged-", 1)
    if journal_of(aside).exists():
        journal_of(aside).rename(journal_of(aside.with_name(name)))
    aside.rename(aside.with_name(name))
    sync_directory(aside.parent)


def count_set_aside(directory: Path) -> int:
    return sum(path.suffix == ".db" for path in _set_aside_files(directory))


def journal_of(path: Path) -> Path:
    return path.with_name(f"{path.name}-journal")


def _set_aside_files(directory: Path) -> list[Path]:
    return [*directory.glob("damaged-*"), *directory.glob("salvaged-*")]


def _is_in_use(journal: Path) -> bool:
    with suppress(FileNotFoundError), journal.open("rb") as file:
        return file.read(len(_JOURNAL_IN_USE)) == _JOURNAL_IN_USE
    return False


def _stamp() -> str:
    return f"{datetime.fromtimestamp(time.time(), UTC):%Y%m%dT%H%M%S.%fZ}"


def _write_zeros(descriptor: int, size: int, *, offset: int) -> None:
    end = offset + size
    while offset < end:
        offset += os.pwrite(descriptor, bytes(min(end - offset, 65_536)), offset)
