"""The addresses of the organisation, and what each of them does."""

import re
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar

from aiohttp import web

from worker.sandbox.boards.call import Call
from worker.sandbox.boards.controls import Controls
from worker.sandbox.boards.documents import Documents
from worker.sandbox.boards.earlier_revision import as_of
from worker.sandbox.boards.locations import locations
from worker.sandbox.boards.patch import Operation, read_patch
from worker.sandbox.boards.process import FIELDS, Field, WorkItemType, field_named
from worker.sandbox.boards.processes import BASIC, PROCESSES
from worker.sandbox.boards.project_processes import Processes
from worker.sandbox.boards.refusal import (
    Refusal,
    bad_request,
    no_permission,
    not_supported_here,
    unknown_comment,
    unknown_field,
    unknown_revision,
    unknown_type,
)
from worker.sandbox.boards.remote_system import BOARDS
from worker.sandbox.boards.revision import Change
from worker.sandbox.boards.wiql import RESULT_LIMIT, read_query
from worker.sandbox.boards.work_item import WorkItem
from worker.sandbox.boards.work_items import WorkItems
from worker.sandbox.harness.faults import FAULTS
from worker.sandbox.world import World

PATCH_TYPE = "application/json-patch+json"
OCTETS_TYPE = "application/octet-stream"
JSON_TYPE = "application/json"
IDS_LIMIT = 200
COMMENTS_PAGE = 200
UPDATES_PAGE = 200
# As a word, or as the number that some clients send.
_OMIT = ("omit", "2")

Value = TypeVar("Value")
Endpoint = Callable[[Call], Awaitable[Any]]


def _now() -> datetime:
    return datetime.now(UTC)


class Boards:
    """Plays one organisation with its projects; keeps everything in memory, and gives it away as JSON."""

    system = BOARDS

    def __init__(
        self,
        world: World,
        *,
        clock: Callable[[], datetime] = _now,
        process: str = "basic",
        duplicate_hyperlinks: bool = True,
    ) -> None:
        self._world = world
        self._clock = clock
        self._processes = Processes(world.projects, PROCESSES[process])
        self._items = WorkItems(world, self._processes, duplicate_hyperlinks=duplicate_hyperlinks)
        self._controls = Controls(world, self._processes, self._items, clock)

    def settings(self, url: str) -> dict[str, str]:
        named = {"boards_url": url, "boards_project": self._world.project}
        # The other processes have no Issue, or one of two states.
        basic = self._processes.of(self._world.project).name == BASIC.name
        return named if basic else {**named, "boards_work_item_type": "Bug"}

    def state(self) -> dict[str, Any]:
        return {
            "organisation": self._world.organisation,
            "project": self._world.project,
            "other_projects": [name for name in self._world.projects if name != self._world.project],
            "processes": self._processes.state(),
            "attachments": self._items.attachments.state(),
            "work_items": self._items.state(),
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        self._processes.restore(state.get("processes", {}))
        self._items.attachments.restore(state.get("attachments", []))
        self._items.restore(state["work_items"])

    def routes(self) -> Iterable[web.RouteDef]:
        edit = _address("{project}/_workitems/edit/{id}")
        return (
            # The SDK asks one level above the organisation for what it does not find in it.
            web.options("/_apis", self._answering(self._no_locations)),
            web.get(edit, self._to_the_page),
            *(web.route(m, _address(path), self._answering(end)) for m, path, end in self._endpoints()),
            *self._controls.routes(),
        )

    def _endpoints(self) -> Iterable[tuple[str, str, Endpoint]]:
        return (
            ("OPTIONS", "_apis", self._locations),
            ("OPTIONS", "{project}/_apis", self._locations),
            ("OPTIONS", "_apis/{area}", self._locations_of_area),
            ("GET", "_apis/connectionData", self._connection_data),
            ("GET", "_apis/ResourceAreas", self._no_locations),
            ("POST", "{project}/_apis/wit/workItems/${type}", self._create),
            ("GET", "_apis/wit/workItems", self._list),
            ("GET", "{project}/_apis/wit/workItems", self._list),
            ("GET", "_apis/wit/workItems/{id}", self._get),
            ("GET", "{project}/_apis/wit/workItems/{id}", self._get),
            ("PATCH", "_apis/wit/workItems/{id}", self._update),
            ("PATCH", "{project}/_apis/wit/workItems/{id}", self._update),
            ("DELETE", "_apis/wit/workItems/{id}", self._recycle),
            ("DELETE", "{project}/_apis/wit/workItems/{id}", self._recycle),
            ("GET", "_apis/wit/workItems/{id}/updates", self._updates),
            ("GET", "{project}/_apis/wit/workItems/{id}/updates", self._updates),
            ("GET", "_apis/wit/workItems/{id}/updates/{number}", self._update_of),
            ("GET", "{project}/_apis/wit/workItems/{id}/updates/{number}", self._update_of),
            ("GET", "_apis/wit/workItems/{id}/revisions", self._revisions),
            ("GET", "{project}/_apis/wit/workItems/{id}/revisions", self._revisions),
            ("GET", "_apis/wit/workItems/{id}/revisions/{number}", self._revision),
            ("GET", "{project}/_apis/wit/workItems/{id}/revisions/{number}", self._revision),
            ("GET", "{project}/_apis/wit/workItems/{id}/comments", self._comments),
            ("POST", "{project}/_apis/wit/workItems/{id}/comments", self._comment),
            ("PATCH", "{project}/_apis/wit/workItems/{id}/comments/{comment}", self._reword),
            ("POST", "_apis/wit/attachments", self._upload),
            ("POST", "{project}/_apis/wit/attachments", self._upload),
            ("GET", "_apis/wit/attachments/{id}", self._download),
            ("GET", "{project}/_apis/wit/attachments/{id}", self._download),
            ("POST", "_apis/wit/wiql", self._query),
            ("POST", "{project}/_apis/wit/wiql", self._query),
            ("POST", "{project}/{team}/_apis/wit/wiql", self._query),
            ("GET", "{project}/_apis/wit/workItemTypes", self._types),
            ("GET", "{project}/_apis/wit/workItemTypes/{type}", self._type),
            ("GET", "{project}/_apis/wit/workItemTypes/{type}/states", self._states),
            ("GET", "{project}/_apis/wit/workItemTypes/{type}/fields", self._fields_of_type),
            ("GET", "{project}/_apis/wit/workItemTypes/{type}/fields/{field}", self._field_of_type),
            ("GET", "_apis/wit/fields", self._fields),
            ("GET", "{project}/_apis/wit/fields", self._fields),
            ("GET", "_apis/wit/fields/{field}", self._field),
            ("GET", "{project}/_apis/wit/fields/{field}", self._field),
        )

    def _answering(self, endpoint: Endpoint) -> Callable[[web.Request], Awaitable[web.Response]]:
        async def answer(request: web.Request) -> web.Response:
            try:
                answer = await endpoint(Call.read(request, self._world))
                return answer if isinstance(answer, web.Response) else web.json_response(answer)
            except Refusal as refusal:
                return refusal.answer()

        return answer

    async def _to_the_page(self, request: web.Request) -> web.Response:
        number = request.match_info["id"]
        if not number.isascii() or not number.isdigit():
            raise web.HTTPNotFound(text="There is no such work item.")
        raise web.HTTPFound(f"/#work-item-{number}")

    async def _locations(self, _: Call) -> dict[str, Any]:
        return _collection(locations())

    async def _locations_of_area(self, call: Call) -> dict[str, Any]:
        area = call.part("area").casefold()
        return _collection([each for each in locations() if each["area"].casefold() == area])

    async def _connection_data(self, call: Call) -> dict[str, Any]:
        return self._documents(call).connection_data(call.author)

    async def _no_locations(self, _: Call) -> dict[str, Any]:
        return _collection([])

    async def _create(self, call: Call) -> dict[str, Any]:
        kind = self._type_in(call)
        operations = await _operations(call)
        save = not call.flag("validateOnly")
        project = self._project(call)
        item = self._items.create(kind, operations, self._change(call), project=project, save=save)
        return self._shown(item, call, default="relations")

    async def _update(self, call: Call) -> dict[str, Any]:
        number = self._item(call).id
        operations = await _operations(call)
        save = not call.flag("validateOnly")
        item = self._items.update(number, operations, self._change(call), save=save)
        return self._shown(item, call, default="relations")

    async def _get(self, call: Call) -> dict[str, Any]:
        if call.option("asOf") is not None:
            raise not_supported_here("work items as of an earlier time")
        return self._shown(self._item(call), call, default="none")

    async def _list(self, call: Call) -> dict[str, Any]:
        """Answer in the order asked; what is not there is an error, or, when told to omit it, a gap."""
        ids = (call.option("ids") or "").split(",")
        if len(ids) > IDS_LIMIT or not all(i.strip().isascii() and i.strip().isdigit() for i in ids):
            raise bad_request(f"The ids must be up to {IDS_LIMIT} numbers of work items, divided by commas.")
        omit = (call.option("errorPolicy") or "fail").casefold() in _OMIT
        return _collection([self._listed(int(number), call, omit=omit) for number in ids])

    def _listed(self, number: int, call: Call, *, omit: bool) -> dict[str, Any] | None:
        try:
            return self._shown(self._items.get(number, call.project), call, default="none")
        except Refusal:
            if omit:
                return None
            raise

    async def _recycle(self, call: Call) -> dict[str, Any]:
        if call.flag("destroy"):
            raise no_permission("permanently delete work items")
        change = self._change(call)
        item = self._items.recycle(self._item(call).id, change)
        return self._documents(call).recycled(item, change.at, change.author.email)

    async def _updates(self, call: Call) -> dict[str, Any]:
        item, documents = self._item(call), self._documents(call)
        return _collection([documents.update(item, update) for update in _page(item.updates, call)])

    async def _update_of(self, call: Call) -> dict[str, Any]:
        item, number = self._item(call), call.number("number", missing=unknown_revision)
        found = next((update for update in item.updates if update.id == number), None)
        if found is None:
            raise unknown_revision(number)
        return self._documents(call).update(item, found)

    async def _revisions(self, call: Call) -> dict[str, Any]:
        item = self._item(call)
        numbers = _page(range(1, item.rev + 1), call)
        return _collection([self._shown(as_of(item, number), call, default="none") for number in numbers])

    async def _revision(self, call: Call) -> dict[str, Any]:
        item, number = self._item(call), call.number("number", missing=unknown_revision)
        if not 1 <= number <= item.rev:
            raise unknown_revision(number)
        return self._shown(as_of(item, number), call, default="none")

    async def _comments(self, call: Call) -> dict[str, Any]:
        item = self._item(call)
        newest_first = (call.option("order") or "desc").casefold() == "desc"
        ordered = item.comments[::-1] if newest_first else item.comments
        start = call.count("continuationToken", most=len(ordered)) if call.option("continuationToken") else 0
        end = start + call.count("top", most=COMMENTS_PAGE)
        following = str(end) if end < len(ordered) else None
        return self._documents(call).comments(item, ordered[start:end], following)

    async def _comment(self, call: Call) -> dict[str, Any]:
        number = self._item(call).id
        write = Operation(op="add", path="/fields/System.History", value=await _comment_text(call))
        item = self._items.update(number, [write], self._change(call))
        return self._documents(call).comment(item, item.comments[-1])

    async def _reword(self, call: Call) -> dict[str, Any]:
        number, comment = self._item(call).id, call.number("comment", missing=unknown_comment)
        text = await _comment_text(call)
        item = self._items.reword(number, comment, text, self._change(call))
        return self._documents(call).comment(item, next(each for each in item.comments if each.id == comment))

    async def _upload(self, call: Call) -> dict[str, Any]:
        if (call.option("uploadType") or "simple").casefold() != "simple":
            raise not_supported_here("uploads in chunks")
        attachment = self._items.attachments.add(call.option("fileName"), await call.octets(OCTETS_TYPE))
        return self._documents(call).attachment(attachment)

    async def _download(self, call: Call) -> web.Response:
        attachment = self._items.attachments.get(call.part("id"))
        return web.Response(body=attachment.content, content_type=OCTETS_TYPE)

    async def _query(self, call: Call) -> dict[str, Any]:
        body = await call.body(JSON_TYPE)
        now = self._clock()
        query = read_query(
            body.get("query") if isinstance(body, dict) else None,
            project=call.project,
            now=now,
            time_precision=call.flag("timePrecision"),
        )
        lag = call.request.app[FAULTS].lag(self.system.name)
        found = query.run(self._items.seen_by_queries(now, lag=lag), top=call.count("top", most=RESULT_LIMIT))
        return self._documents(call).query_result(query, found, now)

    async def _types(self, call: Call) -> dict[str, Any]:
        documents, project = self._documents(call), self._project(call)
        return _collection([documents.work_item_type(kind, project) for kind in self._processes.of(project).types])

    async def _type(self, call: Call) -> dict[str, Any]:
        return self._documents(call).work_item_type(self._type_in(call), self._project(call))

    async def _states(self, call: Call) -> dict[str, Any]:
        return _collection(self._documents(call).states(self._type_in(call)))

    async def _fields_of_type(self, call: Call) -> dict[str, Any]:
        values = call.option("expand") is not None
        documents = self._documents(call)
        fields = self._type_in(call).fields
        return _collection([documents.field_of_type(field, values=values) for field in fields])

    async def _field_of_type(self, call: Call) -> dict[str, Any]:
        field = self._type_in(call).field(call.part("field")[:128])
        return self._documents(call).field_of_type(field, values=call.option("expand") is not None)

    async def _fields(self, call: Call) -> dict[str, Any]:
        return _collection([self._documents(call).field(field) for field in FIELDS])

    async def _field(self, call: Call) -> dict[str, Any]:
        return self._documents(call).field(_known_field(call.part("field")))

    def _type_in(self, call: Call) -> WorkItemType:
        name = call.part("type")
        kind = self._processes.of(self._project(call)).type_named(name)
        if kind is None:
            raise unknown_type(name[:128], self._project(call))
        return kind

    def _item(self, call: Call) -> WorkItem:
        return self._items.get(call.number(), call.project)

    def _project(self, call: Call) -> str:
        return call.project or self._world.project

    def _change(self, call: Call) -> Change:
        return Change(author=call.author, at=self._clock())

    def _documents(self, call: Call) -> Documents:
        return Documents(call.organisation_url, call.shown_url, self._world, self._items.attachments)

    def _shown(self, item: WorkItem, call: Call, *, default: str) -> dict[str, Any]:
        wanted = call.option("fields")
        expands = call.expands(default=default)
        if wanted is not None and call.option("expand") is not None and expands != "none":
            raise bad_request("The expand parameter can not be used with the fields parameter.")
        document = self._documents(call).work_item(item, relations=expands in ("relations", "all"))
        return document if wanted is None else _only(document, wanted)


def _only(document: dict[str, Any], names: str) -> dict[str, Any]:
    wanted = [_known_field(name.strip()).reference for name in names.split(",")]
    known = document["fields"] | {"System.Id": document["id"], "System.Rev": document["rev"]}
    fields = {name: known[name] for name in wanted if name in known}
    return {"id": document["id"], "rev": document["rev"], "fields": fields, "url": document["url"]}


def _known_field(name: str) -> Field:
    field = field_named(name[:128])
    if field is None:
        raise unknown_field(name[:128])
    return field


async def _comment_text(call: Call) -> str:
    body = await call.body(JSON_TYPE)
    text = body.get("text") if isinstance(body, dict) else None
    if not isinstance(text, str) or not text.strip():
        raise bad_request("A comment needs a text.")
    return text


async def _operations(call: Call) -> list[Operation]:
    if call.flag("bypassRules"):
        raise no_permission("bypass the rules of work items")
    call.flag("suppressNotifications")
    return read_patch(await call.body(PATCH_TYPE))


def _page(values: Sequence[Value], call: Call) -> Sequence[Value]:
    start = call.count("skip", most=len(values), least=0) if call.option("skip") else 0
    return values[start : start + call.count("top", most=UPDATES_PAGE)]


def _collection(values: list[Any]) -> dict[str, Any]:
    return {"count": len(values), "value": values}


def _address(path: str) -> str:
    """Make a route of an address; Azure DevOps reads its fixed parts in any spelling of upper and lower case."""
    segments = []
    for number, segment in enumerate(path.split("/")):
        fixed = re.fullmatch(r"[A-Za-z_]+", segment)
        segments.append(f"{{fixed{number}:(?i:{segment})}}" if fixed else segment)
    return "/".join((BOARDS.path, *segments))
