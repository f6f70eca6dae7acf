"""One row of the on-call table, as people type it: lenient in form, strict about the address."""

import hashlib
import re
from collections.abc import Iterable, Mapping
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, StringConstraints

from worker.domain.event import ShortLine
from worker.domain.mail_address import read_mail_address
from worker.domain.text import SHORT_LIMIT, clean, clean_line, quoted
from worker.oncall.cells import LAST, read_order, read_phone_cell, read_yes_or_no

DEFAULT_SERVICE = "default"
# Wherever people would be named, so that nobody takes an empty place for an oversight.
NOBODY = "NOBODY IS ON CALL"
# Table keys may hold neither slashes, `#`, `?` nor control characters; `%` stands in their way on some routes.
_NOT_IN_KEYS = re.compile(r"[/\\#?%\x00-\x1f\x7f-\x9f]")
_DIGITS = 8


def _or_none(value: object) -> object:
    return value or None


class Row(BaseModel, frozen=True):
    """A row without keys has not been stored yet."""

    name: Annotated[ShortLine, StringConstraints(min_length=1)]
    email: Annotated[str, AfterValidator(read_mail_address)]
    service: ShortLine = DEFAULT_SERVICE
    oncall: Annotated[bool, BeforeValidator(read_yes_or_no)]
    role: ShortLine = ""
    order: Annotated[int, BeforeValidator(read_order)] = LAST
    object_id: Annotated[ShortLine | None, BeforeValidator(_or_none)] = None
    boards_identity: Annotated[ShortLine | None, BeforeValidator(_or_none)] = None
    # As they were typed: what nobody can read there must not hide a person.
    phone: Annotated[ShortLine, BeforeValidator(read_phone_cell)] = ""
    paging: ShortLine = ""
    keys: tuple[str, str] | None = None

    def serves(self, service: str) -> bool:
        return self.oncall and (self.service or DEFAULT_SERVICE).casefold() == service.casefold()

    @property
    def identity(self) -> tuple[str, str]:
        """Who this is for what: the same service and address are the same row, whatever its keys."""
        return (self.service or DEFAULT_SERVICE).casefold(), self.email.casefold()

    @property
    def rank(self) -> tuple[bool, int, str]:
        return self.role.casefold() != "primary", self.order, self.name.casefold()

    def to_entity(self) -> dict[str, Any]:
        partition, row = self.to_keys()
        columns = self.model_dump(exclude={"keys"}, exclude_none=True)
        return {"PartitionKey": partition, "RowKey": row, **columns}

    def to_keys(self) -> tuple[str, str]:
        """Where it stands, or is to stand."""
        return self.keys or (_key(self.service or DEFAULT_SERVICE), _key(self.email))


_SYNONYMS = {"mail": "email", "emailaddress": "email", "mailaddress": "email", "telephone": "phone"}
_COLUMNS = {name.replace("_", ""): name for name in Row.model_fields if name != "keys"}


def read_row(entity: Mapping[str, Any]) -> Row:
    """The row in a table entity or a line of a file; names of columns in any spelling, unknown ones ignored."""
    stored = "PartitionKey" in entity and "RowKey" in entity
    texts = _texts(entity)
    # An address without a name still wakes somebody.
    texts["name"] = texts.get("name") or texts.get("email", "")
    return Row.model_validate({**texts, "keys": (entity["PartitionKey"], entity["RowKey"]) if stored else None})


def service_of(entity: Mapping[str, Any]) -> str:
    """Of a row whatever else is wrong with it."""
    return clean_line(_texts(entity).get("service", ""))[:SHORT_LIMIT] or DEFAULT_SERVICE


def _texts(entity: Mapping[str, Any]) -> dict[str, str]:
    # Where a column stands twice, `OnCall` as somebody typed it and `oncall` as an import wrote it, ours counts.
    ours_last = sorted(entity.items(), key=lambda item: item[0] in Row.model_fields)
    return {column: str(value) for name, value in ours_last if value is not None and (column := column_named(name))}


def printed_keys(keys: tuple[str, str]) -> str:
    """As people are told them, and type them: what others wrote into a key breaks no line."""
    return "/".join(map(quoted, keys))


def column_named(name: str) -> str | None:
    """The column of ours that is meant, in whatever spelling; None where it is none of them."""
    return _COLUMNS.get(_spelt(name))


def _spelt(name: str) -> str:
    word = re.sub(r"[\W_]", "", clean(name)).casefold()
    return _SYNONYMS.get(word, word)


def _key(text: str) -> str:
    """Two texts that differ have keys that differ: whoever shared one would write over the other."""
    name = text.casefold()
    key = _NOT_IN_KEYS.sub("-", name)
    return key if key == name else f"{key}-{hashlib.sha256(name.encode()).hexdigest()[:_DIGITS]}"


def in_order(rows: Iterable[Row]) -> list[Row]:
    """Primary first, then by order and name; each address once."""
    first: dict[str, Row] = {}
    for row in sorted(rows, key=lambda row: row.rank):
        first.setdefault(row.email.casefold(), row)
    return list(first.values())
