"""A table in memory that answers, refuses and tells the time as Table Storage does, as far as the store uses it."""

import itertools
import operator
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from types import SimpleNamespace
from typing import Any, Literal, TypeVar

from azure.core.exceptions import HttpResponseError, ResourceExistsError, ResourceModifiedError, ResourceNotFoundError
from azure.data.tables import TableEntity, TableTransactionError, UpdateMode

Key = tuple[str, str]
Answer = TypeVar("Answer")
Operation = tuple[Any, ...]
Kind = Literal["write", "read"]

# How a call comes to the table: what it is, what it is called for people, and what happens there when it arrives.
Through = Callable[[Kind, str, Callable[[], Any]], Awaitable[Any]]


@dataclass(frozen=True, slots=True)
class _Stored:
    columns: dict[str, Any]
    etag: str
    written_at: datetime


@dataclass(frozen=True, slots=True)
class Found:
    """The rows of one answer, in the order of their keys, and the second at which the table looked."""

    rows: list[TableEntity]
    date: str


# What the SDK raises for one row, where a transaction would tell the same with an index.
_ALONE = {404: ResourceNotFoundError, 409: ResourceExistsError, 412: ResourceModifiedError}


class _Refused(Exception):
    def __init__(self, status: int, code: str) -> None:
        super().__init__(code)
        self.status = status
        self.code = code


class MemoryTable:
    """The rows themselves. Every method is one moment: it happens as a whole, or not at all."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._rows: dict[Key, _Stored] | None = None
        self._numbers = itertools.count(1)

    def create(self) -> None:
        if self._rows is not None:
            raise _explained(ResourceExistsError, _Refused(409, "TableAlreadyExists"))
        self._rows = {}

    def transact(self, operations: Sequence[Operation]) -> list[dict[str, str]]:
        """All of the operations, or none and the SDK's error with the index of the one that was refused."""
        if len({entity["PartitionKey"] for _, entity, *_ in operations}) > 1:
            raise ValueError("Partition Keys in the batch must all be the same.")
        index = 0
        try:
            changed, touched = dict(self._existing()), set[Key]()
            for index, operation in enumerate(operations):  # noqa: B007 (the error tells it)
                touched.add(self._change(changed, touched, *operation))
        except _Refused as refused:
            raise _explained(TableTransactionError, refused, index) from None
        self._rows = changed
        return [{"etag": changed[_key(entity)].etag} if kind != "delete" else {} for kind, entity, *_ in operations]

    def get(self, partition: str, row: str) -> Found:
        try:
            stored = self._existing().get((partition, row))
        except _Refused as refused:
            raise _explained(ResourceNotFoundError, refused) from None
        if stored is None:
            raise _explained(ResourceNotFoundError, _Refused(404, "ResourceNotFound"))
        return Found([_entity(stored)], self._date())

    def select(self, where: str, parameters: dict[str, Any]) -> Found:
        try:
            existing = self._existing()
        except _Refused as refused:
            raise _explained(ResourceNotFoundError, refused) from None
        conditions = [condition.strip("( )").split(" or ") for condition in where.split(" and ")]
        rows = [_entity(stored) for _, stored in sorted(existing.items(), key=lambda item: item[0])]
        found = [row for row in rows if all(_holds_one(row, choices, parameters) for choices in conditions)]
        return Found(found, self._date())

    def partitions(self) -> dict[str, list[TableEntity]]:
        """All rows there are, for whoever looks at the end."""
        found: dict[str, list[TableEntity]] = {}
        for (partition, _), stored in sorted((self._rows or {}).items(), key=lambda item: item[0]):
            found.setdefault(partition, []).append(_entity(stored))
        return found

    def fill(self, rows: Iterable[dict[str, Any]]) -> None:
        """With many at once."""
        now = self._now()
        self._rows = self._existing() | {_key(row): _Stored(dict(row), f"{n}", now) for n, row in enumerate(rows)}

    def versions(self) -> dict[Key, str]:
        """The etag of each row there is."""
        return {key: stored.etag for key, stored in (self._rows or {}).items()}

    def age(self, but: dict[Key, str], by: timedelta) -> None:
        """Let everything but these versions have been written so much earlier, and tell such times."""
        rows, recently = self._existing(), self._now() - timedelta(hours=1)
        for key, stored in rows.items():
            if but.get(key) == stored.etag:
                continue
            columns = {
                name: value - by if isinstance(value, datetime) and value > recently else value
                for name, value in stored.columns.items()
            }
            rows[key] = _Stored(columns, stored.etag, stored.written_at - by)

    def _date(self) -> str:
        return format_datetime(self._now().replace(microsecond=0), usegmt=True)

    def _existing(self) -> dict[Key, _Stored]:
        if self._rows is None:
            raise _Refused(404, "TableNotFound")
        return self._rows

    def _change(
        self,
        rows: dict[Key, _Stored],
        touched: set[Key],
        kind: str,
        entity: dict[str, Any],
        options: dict[str, Any] | None = None,
    ) -> Key:
        key, before = _key(entity), rows.get(_key(entity))
        if key in touched:
            raise _Refused(400, "InvalidDuplicateRow")
        if kind == "create" and before is not None:
            raise _Refused(409, "EntityAlreadyExists")
        if kind in {"update", "delete"}:
            if before is None:
                raise _Refused(404, "ResourceNotFound")
            if (options or {}).get("etag") not in {None, before.etag}:
                raise _Refused(412, "UpdateConditionNotSatisfied")
        if kind == "delete":
            del rows[key]
            return key
        kept = before.columns if before and _merges(kind, options) else {}
        given = {name: value for name, value in entity.items() if value is not None}
        now = self._now()
        # The clock may stand still between two writes, and yet each makes a new version.
        etag = f"W/\"datetime'{now.isoformat()}';{next(self._numbers)}\""
        rows[key] = _Stored(kept | given, etag, now)
        return key


class MemoryTableClient:
    """The methods of the SDK's TableClient that the store calls; each call goes `through` whatever lies between."""

    def __init__(self, table: MemoryTable, through: Through) -> None:
        self._table = table
        self._through = through

    async def create_table(self) -> None:
        await self._through("write", "create the table", self._table.create)

    async def submit_transaction(self, operations: Iterable[Operation]) -> list[dict[str, str]]:
        sent = [(kind, dict(entity), *options) for kind, entity, *options in operations]
        answer: list[dict[str, str]] = await self._through("write", _told(sent), lambda: self._table.transact(sent))
        return answer

    async def create_entity(self, entity: dict[str, Any]) -> dict[str, str]:
        return await self._alone("create", entity)

    async def upsert_entity(self, entity: dict[str, Any], mode: UpdateMode = UpdateMode.MERGE) -> dict[str, str]:
        return await self._alone("upsert", entity, {"mode": mode})

    async def update_entity(
        self, entity: dict[str, Any], mode: UpdateMode = UpdateMode.MERGE, **condition: Any
    ) -> dict[str, str]:
        return await self._alone("update", entity, {"mode": mode, **condition})

    async def get_entity(
        self, partition: str, row: str, *, raw_response_hook: Callable[[Any], None] | None = None
    ) -> TableEntity:
        found = await self._through("read", row, lambda: self._table.get(partition, row))
        _tell_the_time(raw_response_hook, found)
        entity: TableEntity = found.rows[0]
        return entity

    async def query_entities(
        self,
        query_filter: str,
        *,
        parameters: dict[str, Any],
        results_per_page: int | None = None,
        raw_response_hook: Callable[[Any], None] | None = None,
    ) -> AsyncIterator[TableEntity]:
        last, whole = ("", ""), False
        while not whole:
            found = await self._through("read", "rows", lambda: self._table.select(query_filter, parameters))
            _tell_the_time(raw_response_hook, found)
            # A page goes on behind the last row, whatever was deleted before it meanwhile.
            rest = [row for row in found.rows if _key(row) > last]
            page = rest[: results_per_page or len(rest)]
            for row in page:
                yield row
            last, whole = _key(rest[len(page) - 1]) if page else last, len(page) == len(rest)

    async def _alone(self, *operation: Any) -> dict[str, str]:
        answer: dict[str, str] = await self._through("write", _told([operation]), lambda: self._change(operation))
        return answer

    def _change(self, operation: Operation) -> dict[str, str]:
        try:
            return self._table.transact([operation])[0]
        except TableTransactionError as error:
            status = error.status_code or 0
            raise _explained(_ALONE[status], _Refused(status, error.error_code)) from None


async def straight(kind: Kind, name: str, happen: Callable[[], Any]) -> Any:
    """Nothing lies between the caller and the table."""
    del kind, name
    return happen()


def utc_now() -> datetime:
    return datetime.now(UTC)


def _key(entity: dict[str, Any]) -> Key:
    return entity["PartitionKey"], entity["RowKey"]


_COMPARISONS = {"eq": operator.eq, "ge": operator.ge, "gt": operator.gt, "lt": operator.lt}


def _tell_the_time(hook: Callable[[Any], None] | None, found: Found) -> None:
    if hook is not None:
        hook(SimpleNamespace(http_response=SimpleNamespace(headers={"Date": found.date})))


def _holds_one(row: TableEntity, choices: Sequence[str], parameters: dict[str, Any]) -> bool:
    return any(_holds(row, *choice.split(), parameters) for choice in choices)


def _holds(row: TableEntity, column: str, comparison: str, parameter: str, parameters: dict[str, Any]) -> bool:
    wanted = parameters[parameter.removeprefix("@")]
    found = row.metadata["timestamp"] if column == "Timestamp" else row[column]
    return bool(_COMPARISONS[comparison](found, wanted))


def _merges(kind: str, options: dict[str, Any] | None) -> bool:
    return kind != "create" and (options or {}).get("mode", UpdateMode.MERGE) == UpdateMode.MERGE


def _entity(stored: _Stored) -> TableEntity:
    entity = TableEntity(stored.columns)
    entity._metadata = {"etag": stored.etag, "timestamp": stored.written_at}
    return entity


def _explained(kind: type[HttpResponseError], refused: _Refused, index: int | None = None) -> HttpResponseError:
    place = "" if index is None else f"{index}:"
    error = kind(message=f"{place}The table refused: {refused.code}")
    error.status_code = refused.status
    error.error_code = refused.code
    return error


def _told(operations: Sequence[Operation]) -> str:
    """The rows of a write, for whoever reads the list of choices."""
    rows = (f"{entity['RowKey'].split(':', 1)[-1]}={entity.get('state', '')}" for _, entity, *_ in operations)
    return " ".join(rows)
