"""The table of on-call people: who is to be woken for a service."""

from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any, TypeVar

from azure.core.credentials_async import AsyncTokenCredential
from azure.data.tables import UpdateMode
from azure.data.tables.aio import TableClient
from pydantic import BaseModel, ValidationError

from worker.domain.errors import Misconfigured
from worker.domain.validation import faults
from worker.observability import telemetry
from worker.oncall.rows import DEFAULT_SERVICE, Row, in_order, printed_keys, read_row, service_of
from worker.settings import Settings
from worker.storage.sdk_errors import FAILURES, Advice, TableExists, translated
from worker.storage.table import table_client

Answer = TypeVar("Answer")

# Somebody's staff list put here by mistake must not become our memory; a rota has tens of rows.
_ROWS_LIMIT = 20_000
_RETRIES = 2  # reads, and writes that may safely be written twice
_CONNECTING = timedelta(seconds=10)

ADVICE = Advice(
    missing="Create it with `tocsin roster import`, or set TOCSIN_TABLES_ONCALL.",
    forbidden="Give this identity the role Storage Table Data Reader (Contributor to change it) on the "
    "storage account, then replay; a new grant takes some minutes to work.",
    refused="Mend what the answer names, then replay.",
    passing="It is tried again.",
)


class Person(BaseModel, frozen=True):
    """Someone on call: `object_id` is the Entra id, for mentions; `boards_identity` overrides the e-mail in Boards.

    `in_directory`: whether Entra ID knows the address, None while it could not be asked. `phone` and `paging` are as
    they were typed, for `read_phone_number` and `read_paging_ways`. `why` says in people's words what put them there,
    `until` when they are on call no more (in UTC; None where no end is known), `schedule` by which schedule, `shift`
    the same in the few words that stand beside a name.
    """

    name: str
    email: str
    role: str = ""
    order: int = 0
    object_id: str | None = None
    in_directory: bool | None = None
    boards_identity: str | None = None
    phone: str = ""
    paging: str = ""
    why: str = ""
    until: datetime | None = None
    schedule: str = ""
    shift: str = ""


class OnCall(BaseModel, frozen=True):
    """Who is on call for a service; `note` is a sentence for people, loud when nobody was found."""

    people: tuple[Person, ...] = ()
    service: str = ""
    from_default: bool = False
    note: str = ""


class UnreadableRow(BaseModel, frozen=True):
    """A row that names nobody for certain, by its keys, what is wrong with it, and for which service it would be."""

    keys: tuple[str, str]
    fault: str
    service: str = DEFAULT_SERVICE

    @property
    def sentence(self) -> str:
        return f"{printed_keys(self.keys)}: {self.fault}"


class Roster(BaseModel, frozen=True):
    """All rows that could be read, and those that could not."""

    rows: tuple[Row, ...]
    unreadable: tuple[UnreadableRow, ...]

    def on_call(self, service: str) -> OnCall:
        """The service's own people, else the default ones; nobody is an answer too, with a loud note."""
        own = self._people(service) if service else ()
        people = own or self._people(DEFAULT_SERVICE)
        from_default = bool(people) and not own
        note = note_of(service, own, people)
        return OnCall(people=people, service=service, from_default=from_default, note=note)

    def unreadable_for(self, on_call: OnCall) -> tuple[UnreadableRow, ...]:
        """The rows that may name somebody who is missing there; what is wrong elsewhere is for others to mend."""
        own = (on_call.service or DEFAULT_SERVICE).casefold()
        asked = {own} if on_call.people and not on_call.from_default else {own, DEFAULT_SERVICE}
        return tuple(row for row in self.unreadable if row.service.casefold() in asked)

    def _people(self, service: str) -> tuple[Person, ...]:
        return tuple(person_of(row) for row in in_order(row for row in self.rows if row.serves(service)))


def note_of(service: str, own: tuple[Person, ...], people: tuple[Person, ...]) -> str:
    named = f"the service {service!r}" if service else "an incident without a service"
    if not people:
        return (
            f"NOBODY IS ON CALL for {named}, and nobody by default. Call somebody yourself, "
            f"then add a row (name, email, service, oncall) to the on-call table."
        )
    return "" if own else f"Nobody is on call for {named} itself; these are the people of {DEFAULT_SERVICE!r}."


def person_of(row: Row) -> Person:
    return Person(**row.model_dump(include=set(Person.model_fields)))


class OnCallTable:
    """Rows with name, email, service and oncall, whatever their keys are."""

    def __init__(self, table: TableClient) -> None:
        self.client = table

    @property
    def spoken(self) -> str:
        return f"the on-call table {self.client.table_name!r}"

    async def roster(self) -> Roster:
        """The whole table: services are compared without regard to case, which no filter of the store can do."""
        rows: list[Row] = []
        unreadable: list[UnreadableRow] = []
        for entity in await self._ask("read", self._entities()):
            try:
                rows.append(read_row(entity))
            except ValidationError as error:
                keys = (str(entity["PartitionKey"]), str(entity["RowKey"]))
                unreadable.append(UnreadableRow(keys=keys, fault=faults(error), service=service_of(entity)))
        return Roster(rows=tuple(rows), unreadable=tuple(unreadable))

    async def rows(self) -> tuple[Row, ...]:
        return (await self.roster()).rows

    async def upsert(self, row: Row) -> None:
        """Write the row's columns; other columns that stand there stay."""
        await self._ask("write to", self.client.upsert_entity(row.to_entity(), mode=UpdateMode.MERGE))

    async def delete(self, keys: tuple[str, str]) -> None:
        """Take the row out, columns that we do not know included; one that is gone already is no fault."""
        await self._ask("delete from", self.client.delete_entity(*keys))

    async def create(self) -> None:
        """Make the table unless it is there."""
        try:
            await self._ask("create", self.client.create_table())
        except TableExists:
            return

    async def _entities(self) -> list[dict[str, object]]:
        found: list[dict[str, object]] = []
        async for entity in self.client.list_entities():
            if len(found) == _ROWS_LIMIT:
                raise Misconfigured(
                    f"The table {self.client.table_name!r} holds more than {_ROWS_LIMIT} rows; that is no on-call "
                    "table. Check TOCSIN_TABLES_ONCALL."
                )
            found.append(entity)
        return found

    async def _ask(self, verb: str, answer: Awaitable[Answer]) -> Answer:
        doing = f"{verb} {self.spoken}"
        with telemetry.remote_call("tables", verb.partition(" ")[0], doing):
            try:
                return await answer
            except FAILURES as error:
                raise translated(error, doing, ADVICE) from error


@asynccontextmanager
async def open_on_call(settings: Settings, credential: AsyncTokenCredential | None) -> AsyncIterator[OnCallTable]:
    async with table_client(settings, settings.tables_oncall, credential, **transport(settings)) as table:
        yield OnCallTable(table)


def transport(settings: Settings) -> dict[str, Any]:
    """How patient the client of a table is that is read at once, and may be."""
    patience = settings.call_timeout_seconds
    return {
        "retry_total": _RETRIES,
        "connection_timeout": min(_CONNECTING, patience).total_seconds(),
        "read_timeout": patience.total_seconds(),
    }
