"""The last good copy of a table: in memory, and in a file for whoever starts while the table does not answer."""

import asyncio
import json
import os
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Generic, TypeVar

import structlog

log = structlog.get_logger()

Content = TypeVar("Content")

# More than any table that is read: what is larger is no copy of ours.
_BYTES_LIMIT = 64 * 1024 * 1024
_FORMAT = 1
# A copy that says the same is written again so that its time is true to the minute.
_AS_OF = timedelta(minutes=1)
_PATIENCE = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Copy(Generic[Content]):
    """What the table held, and when it said so."""

    content: Content
    read_at: datetime


@dataclass(frozen=True, slots=True)
class Shape(Generic[Content]):
    """How a content becomes JSON, and is made of it; `decode` raises ValueError, KeyError or TypeError."""

    encode: Callable[[Content], Any]
    decode: Callable[[Any, datetime], Content]


class LastGood(Generic[Content]):
    """`source` says which table it is a copy of: a file of another one is none of ours."""

    def __init__(self, name: str, source: str, directory: Path | None, shape: Shape[Content]) -> None:
        self._path = directory / f"{name}.json" if directory else None
        self._source = source
        self._shape = shape
        self._kept: Copy[Content] | None = None
        self._writing: asyncio.Task[None] | None = None
        self._written: tuple[Any, datetime] | None = None

    async def keep(self, content: Content, read_at: datetime) -> None:
        self._kept = Copy(content, read_at)
        if self._path is None:
            return
        encoded = self._shape.encode(content)
        if self._written and self._written[0] == encoded and read_at - self._written[1] < _AS_OF:
            return
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write(self._path, encoded, read_at))
        # A disk that hangs must not keep people from being called.
        await asyncio.wait({self._writing}, timeout=_PATIENCE.total_seconds())

    async def _write(self, path: Path, encoded: Any, read_at: datetime) -> None:
        told = {"format": _FORMAT, "source": self._source, "read_at": read_at.isoformat(), "content": encoded}
        try:
            await asyncio.to_thread(_write, path, json.dumps(told).encode())
        except OSError as error:
            log.warning("roster.copy_not_written", path=str(path), error=error.strerror)
            return
        self._written = (encoded, read_at)

    async def recall(self) -> Copy[Content] | None:
        """None where there is no copy, and where it cannot be read."""
        if self._kept is None and self._path is not None:
            self._kept = await asyncio.to_thread(self._read, self._path)
        return self._kept

    def _read(self, path: Path) -> Copy[Content] | None:
        try:
            with path.open("rb") as file:
                content = file.read(_BYTES_LIMIT + 1)
        except FileNotFoundError:
            return None
        except OSError as error:
            log.warning("roster.copy_unreadable", path=str(path), error=error.strerror)
            return None
        try:
            return self._decoded(content)
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            log.warning("roster.copy_unreadable", path=str(path), error=type(error).__name__)
            return None

    def _decoded(self, content: bytes) -> Copy[Content]:
        """Raises ValueError, KeyError, TypeError or AttributeError."""
        if len(content) > _BYTES_LIMIT:
            raise ValueError("too large")
        told = json.loads(content)
        if (told["format"], told["source"]) != (_FORMAT, self._source):
            raise ValueError("a copy of something else")
        read_at = datetime.fromisoformat(told["read_at"]).astimezone(UTC)
        return Copy(self._shape.decode(told["content"], read_at), read_at)


def _write(path: Path, content: bytes) -> None:
    """There as a whole or not at all, for its owner alone; several workers may share the directory."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    try:
        with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
