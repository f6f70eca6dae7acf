"""One row of the table of schedules: its keys, and its columns as texts, however people spelt and typed them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from azure.data.tables import EntityProperty

from worker.domain.text import clean
from worker.oncall.rows import printed_keys

_NOT_IN_WORDS = re.compile(r"[\W_]")
_SYNONYMS = {"mail": "email", "emailaddress": "email", "mailaddress": "email", "telephone": "phone", "zone": "timezone"}
_DIGITS = 18
_KEYS = frozenset({"PartitionKey", "RowKey"})


@dataclass(frozen=True, slots=True)
class StoredRow:
    """`columns` as they are spelt in the table; `etag` is its version, `written` the store's time of that."""

    partition: str
    key: str
    columns: Mapping[str, str] = field(default_factory=dict)
    etag: str = ""
    written: str = ""

    @property
    def keys(self) -> tuple[str, str]:
        return self.partition, self.key

    def named(self, *columns: str) -> dict[str, str]:
        """What stands in these columns, blank ones left out; where one stands twice, the one spelt as ours counts."""
        wanted = {_spelt(column): column for column in columns}
        found: dict[str, str] = {}
        for name, text in sorted(self.columns.items(), key=lambda item: item[0] in columns):
            column = wanted.get(_spelt(name))
            if column and text.strip():
                found[column] = text
        return found

    def beside(self, *columns: str) -> dict[str, str]:
        """What stands in other columns than these."""
        spelt = {_spelt(column) for column in columns}
        return {name: text for name, text in self.columns.items() if _spelt(name) not in spelt}

    @property
    def version(self) -> int:
        """How often it was written by a program; 0 where none says."""
        text = self.named("version").get("version", "")
        return int(text) if text.isascii() and text.isdigit() and len(text) < _DIGITS else 0

    def holds(self, column: str) -> bool:
        """Whether the column is there, be it blank."""
        return any(_spelt(name) == _spelt(column) for name in self.columns)


@dataclass(frozen=True, slots=True)
class BrokenRow:
    """A row of which something cannot be read: by its keys, and what is wrong with it."""

    keys: tuple[str, str]
    fault: str

    @property
    def sentence(self) -> str:
        return f"{printed_keys(self.keys)}: {self.fault}"


def row_of(entity: Mapping[str, Any]) -> StoredRow:
    metadata = getattr(entity, "metadata", {})
    columns = {name: text for name, value in entity.items() if name not in _KEYS and (text := _text(value)) is not None}
    return StoredRow(
        partition=str(entity["PartitionKey"]),
        key=str(entity["RowKey"]),
        columns=columns,
        etag=str(metadata.get("etag") or ""),
        written=_text(metadata.get("timestamp")) or "",
    )


def _text(value: object) -> str | None:
    """As a person would have typed it; nothing for what no column of ours holds."""
    if isinstance(value, EntityProperty):
        value = value.value
    if isinstance(value, datetime):
        return (value if value.tzinfo else value.replace(tzinfo=UTC)).astimezone(UTC).isoformat()
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, str | int | float) else None


def _spelt(name: str) -> str:
    word = _NOT_IN_WORDS.sub("", clean(name)).casefold()
    return _SYNONYMS.get(word, word)
