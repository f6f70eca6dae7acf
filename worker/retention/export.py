"""What is about to be deleted, written to a file first: one line of JSON for each incident or partition."""

import asyncio
import json
import os
import secrets
from base64 import b64encode
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from worker.domain.errors import Misconfigured
from worker.incidents.record import IncidentRecord
from worker.storage.rows import Row, moment, written_at

# Whoever may read it reads what stood in the alerts, and the telephone numbers of who was called.
_FOR_ITS_OWNER = 0o600


class Export:
    """One file for each run, made with its first line; without a directory nothing is written.

    What stands in it may still be stored, where a run was ended between the two; what is deleted stands in it.
    """

    def __init__(self, directory: Path | None) -> None:
        self._directory = directory
        self._writing = asyncio.Lock()
        self.file: Path | None = None

    async def write(self, kind: str, rows: Iterable[Row], shown: IncidentRecord | None = None) -> None:
        """Return once it is on the disk; raises Misconfigured where it cannot be written."""
        if self._directory is None:
            return
        async with self._writing:
            try:
                await asyncio.to_thread(self._append, self._directory, _line(kind, rows, shown))
            except OSError as error:
                raise Misconfigured(
                    f"Nothing can be exported to {self._directory} ({error.strerror}), so nothing more is deleted. "
                    "Name a directory that this process may write to and that has room."
                ) from None

    def _append(self, directory: Path, parts: Iterable[str]) -> None:
        new = self.file is None
        if self.file is None:
            directory.mkdir(parents=True, exist_ok=True)
            self.file = directory / f"retention-{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{secrets.token_hex(4)}.jsonl"
        kind_of_opening = os.O_CREAT | os.O_EXCL if new else 0
        opened = os.open(self.file, os.O_WRONLY | os.O_APPEND | kind_of_opening, _FOR_ITS_OWNER)
        with os.fdopen(opened, "w", encoding="utf-8") as file:
            file.writelines(parts)
            file.flush()
            os.fsync(file.fileno())
        if new:
            _store_name(directory)


def _store_name(directory: Path) -> None:
    """A file whose name is not stored is not found after a power cut."""
    opened = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def _line(kind: str, rows: Iterable[Row], shown: IncidentRecord | None) -> Iterator[str]:
    """In parts: none of them is long to make, while launches go on beside it."""
    yield f'{{"kind": {json.dumps(kind)}'
    if shown is not None:
        yield f', "incident": {shown.model_dump_json()}'
    yield ', "rows": ['
    for number, row in enumerate(rows):
        yield (", " if number else "") + json.dumps(exported_row(row), ensure_ascii=False)
    yield "]}\n"


def exported_row(row: Row) -> dict[str, Any]:
    """As the service writes a row in JSON, with the types of what JSON has none for: so it can be stored anew."""
    written: dict[str, Any] = {"Timestamp": written_at(row).isoformat()}
    for name, value in row.items():
        written |= _typed(name, value)
    return written


def _typed(name: str, value: object) -> Mapping[str, Any]:
    match value:
        case datetime():
            return {name: moment(value).isoformat(), f"{name}@odata.type": "Edm.DateTime"}
        case bytes():
            return {name: b64encode(value).decode(), f"{name}@odata.type": "Edm.Binary"}
        case tuple():  # the SDK's way of telling a type
            return {name: str(value[0]), f"{name}@odata.type": str(getattr(value[1], "value", value[1]))}
        case bool() | int() | float() | str():
            return {name: value}
        case _:
            return {name: str(value)}
