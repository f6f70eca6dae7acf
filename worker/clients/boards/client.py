"""Azure Boards: create, read, change and find work items; azure-devops is imported here and in boards_* beside it."""

import asyncio
import random
from collections.abc import AsyncGenerator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing, suppress
from contextvars import copy_context
from datetime import timedelta
from functools import partial
from types import TracebackType
from typing import Any, Self, TypeVar
from urllib.parse import quote

from azure.core.exceptions import DeserializationError
from msrest.authentication import Authentication
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception, stop_after_attempt, stop_after_delay

# isort: split
from worker.clients.boards.sdk import HardenedClient, Transport, hardened_client

# isort: split
from azure.devops.v7_1.work_item_tracking.models import (
    CommentCreate,
    CommentUpdate,
    JsonPatchOperation,
    TeamContext,
    Wiql,
)

from worker.clients.boards.comments import Comment, Page
from worker.clients.boards.errors import FOREIGN, Call, Kind, RevisionMoved, translated
from worker.clients.boards.fields import FieldMap, checked_key_field, stored_key
from worker.clients.boards.items import Item, Operation, is_same, only_at, set_field
from worker.clients.boards.states import States
from worker.credentials import boards_authentication
from worker.domain.errors import Gone, Throttled, Unreachable
from worker.domain.event import Severity
from worker.domain.incident import Incident
from worker.observability import telemetry
from worker.resilience.circuit_breaker import PAUSE, Breaker
from worker.settings import Settings

Answered = TypeVar("Answered")
Patch = Sequence[Operation]

# A launch has at most this many of its calls to Boards on their way at once, unless a whole crowd is on call.
_CALLS_PER_LAUNCH = 4
_ATTEMPTS = 3
# Longer than this is not waited for in place, where a slot would stand idle.
_PATIENCE = timedelta(seconds=5)
# How often somebody may change the item between our reading and our patch before we leave it for later.
_ROUNDS = 5
# A key or an id names one item; the rest are its tasks and people's copies.
_FOUND_LIMIT = 50
# As many comments as the service gives at once. Ours are among the first; nobody reads on for ever.
_COMMENTS_IN_A_PAGE = 200
_PAGES_OF_COMMENTS = 10


class Boards:
    """Opens no connection until it is used; close it, or use it as an asynchronous context."""

    def __init__(
        self,
        url: str,
        *,
        project: str,
        work_item_type: str,
        authentication: Authentication,
        time_out: timedelta,
        key_field: str | None = None,
        threads: int = _CALLS_PER_LAUNCH,
        breaker: Breaker | None = None,
    ) -> None:
        self.work_item_type = work_item_type
        self._url = url.rstrip("/")
        self._project = project
        self._key_field = checked_key_field(key_field)
        self._authentication = authentication
        self._time_out = time_out
        self._breaker = breaker or boards_breaker()
        self._field_map: FieldMap | None = None
        self._states_of: dict[str, States] = {}
        self._transport = Transport(time_out, connections=threads)
        self._sdk: HardenedClient = hardened_client(self._url, authentication, self._transport)
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="boards")

    @classmethod
    def from_settings(cls, settings: Settings, *, breaker: Breaker | None = None) -> Self:
        settings.require("boards_url")
        return cls(
            settings.boards_url or "",
            project=settings.boards_project,
            work_item_type=settings.boards_work_item_type,
            key_field=settings.boards_key_field,
            authentication=boards_authentication(settings),
            time_out=settings.call_timeout_seconds,
            threads=_CALLS_PER_LAUNCH * settings.slots,
            breaker=breaker,
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, _kind: type[BaseException] | None, _e: BaseException | None, _t: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        # Not waited for: a call that hangs would hold up the whole shutdown, and its outcome is looked for later.
        self._threads.shutdown(wait=False, cancel_futures=True)
        self._transport.close()
        if close := getattr(self._authentication, "close", None):
            close()

    async def check(self) -> None:
        """Whether a launch would succeed here: raises a sentence on a wrong address, type, field or missing right."""
        fields = await self.field_map()
        sample = Incident.model_validate(
            {"key": "check", "event": {"title": "check"}, "received_at": "2000-01-01T00:00Z"}
        )
        patch = (set_field("System.Title", "check"), *fields.urgency(Severity.MEDIUM), *fields.key(sample))
        await self.validate(patch)

    async def validate(self, patch: Patch, *, work_item_type: str | None = None) -> None:
        """Ask whether such a work item would be taken, and make none; raises what creating it would raise."""
        kind = work_item_type or self.work_item_type
        call = Call(Kind.ASK, f"check what a work item of type {kind!r} in {self._project!r} may hold")
        await self._call(call, lambda: self._create(patch, kind, validate_only=True))

    async def field_map(self) -> FieldMap:
        """Asked for once in the life of this client: what a type holds changes with the process, not with incidents."""
        if self._field_map is None:
            call = Call(Kind.ASK, f"name the fields of the work item type {self.work_item_type!r} in {self._project!r}")
            names = await self._call(call, self._field_names)
            self._field_map = FieldMap.of(names, key_field=self._key_field, work_item_type=self.work_item_type)
        return self._field_map

    async def create(self, patch: Patch, *, work_item_type: str | None = None) -> Item:
        kind = work_item_type or self.work_item_type
        call = Call(Kind.CREATE, f"create a work item of type {kind!r} in {self._project!r}")
        return await self._call(call, lambda: self._item(self._create(patch, kind)))

    async def get(self, item_id: int) -> Item:
        """The item with its relations, never stale; raises Gone when it was deleted."""
        call = Call(Kind.GET, f"read work item {item_id}")
        return await self._call(call, lambda: self._item(self._sdk.get_work_item(item_id, expand="Relations")))

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
        call = Call(Kind.ASK, f"find the work item of {incident.id} in {self._project!r}")
        for item_id in sorted(await self._call(call, lambda: self._ids(self._query(incident)))):
            try:
                item = await self.get(item_id)
            except Gone:
                continue
            if self._is_of(incident, item):
                yield item

    async def states(self, work_item_type: str) -> States:
        """Asked for once for each type, as its fields are."""
        if work_item_type not in self._states_of:
            call = Call(Kind.ASK, f"name the states of the work item type {work_item_type!r} in {self._project!r}")
            self._states_of[work_item_type] = await self._call(call, lambda: self._states(work_item_type))
        return self._states_of[work_item_type]

    async def is_closed(self, item: Item) -> bool:
        """Whether nothing is left to do on it, in the words of its own process."""
        return (await self.states(item.kind)).is_over(item.state)

    async def note(self, item_id: int, marker: str, html: str, *, known: int | None = None) -> int:
        """Let our one comment that carries the marker say this, the marker included; answers its id.

        `known` saves the look for it. Every change is a revision of the item: whoever amends it decides anew.
        """
        if known is not None:
            with suppress(Gone):  # somebody deleted it, or the whole item, which the look tells
                return await self.update_note(item_id, known, html)
        found = await self.find_note(item_id, marker)
        if found is None:
            return await self.add_note(item_id, html)
        return found.id if found.text == html else await self.update_note(item_id, found.id, html)

    async def find_note(self, item_id: int, marker: str) -> Comment | None:
        """The first comment with the marker by whoever made the item; what a person quotes is none of ours."""
        author = (await self.get(item_id)).created_by
        async with aclosing(self._comments(item_id)) as comments:
            async for comment in comments:
                if marker in comment.text and is_same(comment.created_by, author):
                    return comment
        return None

    async def add_note(self, item_id: int, html: str) -> int:
        """A second one if there is one already: the service keeps no marker unique."""
        call = Call(Kind.COMMENT, f"comment on work item {item_id}")
        new = CommentCreate(text=html)
        made = await self._call(call, lambda: Comment.of(self._sdk.add_comment(new, self._project, item_id)))
        return made.id

    async def update_note(self, item_id: int, comment_id: int, html: str) -> int:
        """Sent twice it says the same; raises Gone when the comment or its item was deleted."""
        call = Call(Kind.COMMENT, f"change the comment {comment_id} of work item {item_id}")
        new, place = CommentUpdate(text=html), (self._project, item_id, comment_id)
        changed = await self._call(call, lambda: Comment.of(self._sdk.update_comment(new, *place)))
        return changed.id

    def api_url(self, item_id: int) -> str:
        """What a relation to this item points at."""
        return f"{self._url}/_apis/wit/workItems/{item_id}"

    async def _comments(self, item_id: int) -> AsyncGenerator[Comment, None]:
        """The oldest first."""
        call = Call(Kind.GET, f"list the comments of work item {item_id}")
        following: str | None = None
        for _ in range(_PAGES_OF_COMMENTS):
            page = await self._call(call, partial(self._page_of_comments, item_id, following))
            for comment in page.comments:
                yield comment
            if (following := page.following) is None:
                return

    async def _amend_once(self, item_id: int, decide: Callable[[Item], Patch]) -> Item:
        item = await self.get(item_id)
        if not (patch := decide(item)):
            return item
        guarded = _document((only_at(item.revision), *patch))
        call = Call(Kind.UPDATE, f"change work item {item_id}")
        return await self._call(
            call, lambda: self._item(self._sdk.update_work_item(guarded, item_id, expand="Relations"))
        )

    def _item(self, work_item: Any) -> Item:
        return Item.of(work_item, pages=f"{self._url}/{quote(self._project)}/_workitems/edit")

    def _create(self, patch: Patch, kind: str, *, validate_only: bool | None = None) -> Any:
        return self._sdk.create_work_item(_document(patch), self._project, kind, validate_only=validate_only)

    def _page_of_comments(self, item_id: int, following: str | None) -> Page:
        place = (self._project, item_id)
        return Page.of(
            self._sdk.get_comments(*place, top=_COMMENTS_IN_A_PAGE, continuation_token=following, order="asc")
        )

    def _field_names(self) -> list[str]:
        try:
            fields = self._sdk.get_work_item_type_fields_with_references(self._project, self.work_item_type)
            names = [str(field.reference_name) for field in fields]
        except (AttributeError, TypeError) as error:  # the SDK's own way to stumble over an answer that is no list
            raise DeserializationError("The answer is no list of fields.") from error
        if "System.Title" not in names:
            raise DeserializationError("The answer names no title, which every work item has.")
        return names

    def _states(self, work_item_type: str) -> States:
        try:
            found = self._sdk.get_work_item_type_states(self._project, work_item_type)
            return States(tuple((str(state.name), str(state.category)) for state in found))
        except (AttributeError, TypeError) as error:
            raise DeserializationError("The answer is no list of states.") from error

    def _ids(self, query: str) -> list[int]:
        found = self._sdk.query_by_wiql(Wiql(query=query), TeamContext(project=self._project), top=_FOUND_LIMIT)
        # Taken for "nothing found", an answer in another form would be answered with a second work item.
        if found is None or found.work_items is None:
            raise DeserializationError("The answer is no result of a query.")
        return [int(reference.id) for reference in found.work_items if reference.id]

    def _query(self, incident: Incident) -> str:
        if self._key_field:
            clause = f"[{self._key_field}] = {literal(stored_key(incident))}"
        else:
            clause = f"[System.Title] CONTAINS {literal(incident.id)}"
        return (
            "SELECT [System.Id] FROM WorkItems WHERE [System.TeamProject] = @project "  # noqa: S608  # only literals
            f"AND {clause} ORDER BY [System.Id]"
        )

    def _is_of(self, incident: Incident, item: Item) -> bool:
        """Exactly, since a query compares without regard to case and finds the id in the middle of other titles too."""
        if self._key_field:
            return bool(item.fields.get(self._key_field) == stored_key(incident))
        return item.title.startswith(title_mark(incident))

    async def _call(self, call: Call, request: Callable[[], Answered]) -> Answered:
        retrying = AsyncRetrying(
            stop=stop_after_attempt(_ATTEMPTS) | stop_after_delay(self._time_out.total_seconds()),
            wait=_pause,
            retry=retry_if_exception(lambda error: _soon_worth_another_try(error, call)),
            reraise=True,
        )
        with self._breaker.guard():
            answer: Answered = await retrying(self._once, call, request)
        return answer

    async def _once(self, call: Call, request: Callable[[], Answered]) -> Answered:
        await asyncio.sleep(min(self._transport.asked_patience(), _PATIENCE).total_seconds())
        with telemetry.remote_call("boards", call.kind.name.lower(), call.doing):
            # The send deadline is a context variable; a thread has a context of its own unless it is given ours.
            context = copy_context()
            loop = asyncio.get_running_loop()
            try:
                # The time-out beneath is for each read: a server that drips bytes would outlast all of them.
                async with asyncio.timeout(2 * self._time_out.total_seconds()):
                    return await loop.run_in_executor(self._threads, context.run, request)
            except FOREIGN as error:
                raise translated(error, call) from error


def boards_breaker(pause: timedelta = PAUSE) -> Breaker:
    return Breaker("boards", spoken="Azure Boards", pause=pause)


def literal(text: str) -> str:
    """The text as a WIQL string, in which only the quote means anything."""
    return "'" + text.replace("'", "''") + "'"


def title_mark(incident: Incident) -> str:
    """The head of the item's title, by which it is found again where no field holds the key."""
    return f"[{incident.id}]"


def _document(patch: Patch) -> list[JsonPatchOperation]:
    return [JsonPatchOperation(op=each.op, path=each.path, value=each.value) for each in patch]


def _soon_worth_another_try(error: BaseException, call: Call) -> bool:
    """Only what was certainly not applied, and where nobody asked us to stay away for long."""
    # A patch that collided would collide for ever: its revision has passed. New items and comments name none.
    if isinstance(error, RevisionMoved):
        return call.kind is not Kind.UPDATE
    return isinstance(error, Throttled | Unreachable) and (error.retry_after or timedelta()) <= _PATIENCE


def _pause(state: RetryCallState) -> float:
    error = state.outcome.exception() if state.outcome else None
    asked = getattr(error, "retry_after", None) or timedelta()
    return float(asked.total_seconds() + random.uniform(0.05, 0.2) * 2**state.attempt_number)  # noqa: S311  # jitter
