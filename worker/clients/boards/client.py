"""Azure Boards: create, read, change and find the work items of its projects; comments and types stand beside."""

import asyncio
import random
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import aclosing
from copy import copy
from datetime import timedelta
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote

from azure.core.exceptions import DeserializationError
from msrest.authentication import Authentication

from worker.clients.boards.attachments import Attachments
from worker.clients.boards.changes import Changes
from worker.clients.boards.comments import Comments
from worker.clients.boards.connection import Connection
from worker.clients.boards.errors import Call, Kind, RevisionMoved
from worker.clients.boards.fields import checked_key_field
from worker.clients.boards.items import Item, Operation, only_at, set_field
from worker.clients.boards.sdk import HardenedClient, JsonPatchOperation, TeamContext, Wiql
from worker.clients.boards.search import Search
from worker.clients.boards.system import BOARDS
from worker.clients.boards.work_item_types import WorkItemTypes
from worker.clients.breakers import Breakers
from worker.credentials import boards_authentication
from worker.domain.errors import Gone
from worker.domain.event import Severity
from worker.domain.incident import Incident
from worker.domain.response.state import ResponseState
from worker.settings import Settings

Patch = Sequence[Operation]

# A launch has at most this many of its calls to Boards on their way at once, unless a whole crowd is on call.
_CALLS_PER_LAUNCH = 4
# How often somebody may change the item between our reading and our patch before we leave it for later.
_ROUNDS = 5
# A key or an id names one item; the rest are its tasks and people's copies.
_FOUND_LIMIT = 50


# More than an organisation has types of incidents; one that is forgotten is only asked for its fields again.
_PLACES_KEPT = 500


class Boards:
    """One project and type of work items, seen over a connection that it shares with the others of the organisation.

    Opens no connection until it is used; close it, or use it as an asynchronous context.
    """

    def __init__(
        self,
        url: str,
        *,
        project: str,
        work_item_type: str,
        authentication: Authentication,
        time_out: timedelta,
        key_field: str | None = None,
        states: Mapping[ResponseState, str] | None = None,
        threads: int = _CALLS_PER_LAUNCH,
        breakers: Breakers | None = None,
    ) -> None:
        self._key_field = checked_key_field(key_field)
        self._search = Search(self._key_field)
        self._wished_states = states or {}
        breaker = (breakers or Breakers()).of(BOARDS)
        self._connection = Connection(
            url, authentication=authentication, time_out=time_out, threads=threads, breaker=breaker
        )
        self._places: dict[tuple[str, str], Boards] = {}
        self._settle_in(project, work_item_type)

    def _settle_in(self, project: str, work_item_type: str) -> None:
        self.project = project
        self.work_item_type = work_item_type
        self.types = WorkItemTypes(
            self._connection, project, work_item_type, key_field=self._key_field, wished=self._wished_states
        )
        self.comments = Comments(self._connection, project, self.get)
        self.changes = Changes(self._connection, self.comments)
        self.attachments = Attachments(self._connection, project, get=self.get, amend=self.amend)

    def at(self, project: str = "", work_item_type: str = "") -> "Boards":
        """Another project or type of the same organisation, over the same connection; what is empty is as here."""
        place = (project or self.project, work_item_type or self.work_item_type)
        if place == (self.project, self.work_item_type):
            return self
        if place not in self._places:
            if len(self._places) >= _PLACES_KEPT:
                self._places.clear()
            self._places[place] = copy(self)
            self._places[place]._settle_in(*place)  # noqa: SLF001 (one of ours)
        return self._places[place]

    @classmethod
    def from_settings(cls, settings: Settings, *, breakers: Breakers | None = None) -> Self:
        settings.require("boards_url")
        return cls(
            settings.boards_url or "",
            project=settings.boards_project,
            work_item_type=settings.boards_work_item_type,
            key_field=settings.boards_key_field,
            states=settings.wished_boards_states,
            authentication=boards_authentication(settings),
            time_out=settings.call_timeout_seconds,
            threads=_CALLS_PER_LAUNCH * settings.slots,
            breakers=breakers,
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, _kind: type[BaseException] | None, _e: BaseException | None, _t: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        await self._connection.close()

    async def check(self, more: Patch = ()) -> None:
        """Whether a launch would succeed here: raises a sentence on a wrong address, type, field or missing right.

        `more` is what its work item is given besides.
        """
        fields = await self.types.field_map()
        sample = Incident.model_validate(
            {"key": "check", "event": {"title": "check"}, "received_at": "2000-01-01T00:00Z"}
        )
        patch = (set_field("System.Title", "check"), *fields.urgency(Severity.MEDIUM), *fields.key(sample), *more)
        await self.validate(patch)

    async def validate(self, patch: Patch, *, work_item_type: str | None = None) -> None:
        """Ask whether such a work item would be taken, and make none; raises what creating it would raise."""
        kind = work_item_type or self.work_item_type
        call = Call(Kind.ASK, f"check what a work item of type {kind!r} in {self.project!r} may hold")
        place = (_document(patch), self.project, kind)
        await self._connection.call(call, lambda sdk: sdk.create_work_item(*place, validate_only=True))

    async def create(self, patch: Patch, *, work_item_type: str | None = None) -> Item:
        kind = work_item_type or self.work_item_type
        call = Call(Kind.CREATE, f"create a work item of type {kind!r} in {self.project!r}")
        place = (_document(patch), self.project, kind)
        return await self._connection.call(call, lambda sdk: self._item(sdk.create_work_item(*place)))

    async def get(self, item_id: int) -> Item:
        """The item with its relations, never stale; raises Gone when it was deleted."""
        call = Call(Kind.GET, f"read work item {item_id}")
        return await self._connection.call(call, lambda sdk: self._item(sdk.get_work_item(item_id, expand="Relations")))

    async def amend(self, item_id: int, decide: Callable[[Item], Patch]) -> Item:
        """Read, decide, patch on condition that nobody changed it meanwhile, else decide anew.

        `decide` answers no operations when the item is already as it should be; that item is returned then.
        """
        for _ in range(_ROUNDS - 1):
            try:
                return await self._amend_once(item_id, decide)
            except RevisionMoved:
                await asyncio.sleep(random.uniform(0, 0.2))  # noqa: S311  # to get out of step with the other
        return await self._amend_once(item_id, decide)

    async def find(self, incident: Incident) -> Item | None:
        """The incident's own item, by the key field or by the id at the head of its title; the lowest id wins.

        A query may miss an item that is only seconds old; whoever creates upon None has waited for that first.
        """
        async with aclosing(self.all_of(incident)) as own:
            return await anext(own, None)

    async def all_of(self, incident: Incident) -> AsyncGenerator[Item, None]:
        """Every item that carries the incident's key or id as its own does, the lowest id first."""
        call = Call(Kind.ASK, f"find the work item of {incident.id} in {self.project!r}")
        for item_id in sorted(await self._connection.call(call, lambda sdk: self._read_ids(sdk, incident))):
            try:
                item = await self.get(item_id)
            except Gone:
                continue
            if self._search.is_of(incident, item):
                yield item

    def api_url(self, item_id: int) -> str:
        """What a relation to this item points at."""
        return f"{self._connection.url}/_apis/wit/workItems/{item_id}"

    async def _amend_once(self, item_id: int, decide: Callable[[Item], Patch]) -> Item:
        item = await self.get(item_id)
        if not (patch := decide(item)):
            return item
        guarded = _document((only_at(item.revision), *patch))
        call = Call(Kind.UPDATE, f"change work item {item_id}")
        return await self._connection.call(
            call, lambda sdk: self._item(sdk.update_work_item(guarded, item_id, expand="Relations"))
        )

    def _item(self, work_item: Any) -> Item:
        return Item.of(work_item, pages=f"{self._connection.url}/{quote(self.project)}/_workitems/edit")

    def _read_ids(self, sdk: HardenedClient, incident: Incident) -> list[int]:
        query = Wiql(query=self._search.query(incident))
        found = sdk.query_by_wiql(query, TeamContext(project=self.project), top=_FOUND_LIMIT)
        # Taken for "nothing found", an answer in another form would be answered with a second work item.
        if found is None or found.work_items is None:
            raise DeserializationError("The answer is no result of a query.")
        return [int(reference.id) for reference in found.work_items if reference.id]


def _document(patch: Patch) -> list[JsonPatchOperation]:
    return [JsonPatchOperation(op=each.op, path=each.path, value=each.value) for each in patch]
