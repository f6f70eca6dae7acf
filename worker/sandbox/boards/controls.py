"""What people do in Azure Boards, asked of the sandbox: change a work item, and as administrators a process."""

import json
from collections.abc import Awaitable, Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from aiohttp import web

from worker.sandbox.boards.call import DEEPEST, is_deeper_than
from worker.sandbox.boards.identities import Identities
from worker.sandbox.boards.patch import read_patch
from worker.sandbox.boards.peoples_changes import operations
from worker.sandbox.boards.process import State, WorkItemType, field_named
from worker.sandbox.boards.processes import COLORS
from worker.sandbox.boards.project_processes import BadChange, Processes
from worker.sandbox.boards.refusal import Refusal, unknown_work_item
from worker.sandbox.boards.revision import Change
from worker.sandbox.boards.rules import FORBID, KINDS, Rule
from worker.sandbox.boards.work_items import WorkItems
from worker.sandbox.world import World

PATH = "/sandbox/boards"
NAME_LENGTH = 128

Body = Mapping[str, Any]
Act = Callable[[web.Request, Body], dict[str, Any]]


class Controls:
    def __init__(self, world: World, processes: Processes, items: WorkItems, clock: Callable[[], datetime]) -> None:
        self._world = world
        self._processes = processes
        self._items = items
        self._clock = clock
        self._identities = Identities(world)

    def routes(self) -> Iterable[web.RouteDef]:
        return (
            web.post(f"{PATH}/work-items/{{id}}", _answering(self._change_item)),
            web.get(f"{PATH}/processes", _answering(self._show_processes)),
            web.post(f"{PATH}/process", _answering(self._choose_process)),
            web.post(f"{PATH}/states", _answering(self._change_state)),
            web.post(f"{PATH}/rules", _answering(self._add_rule)),
            web.delete(f"{PATH}/rules", _answering(self._clear_rules)),
        )

    def _change_item(self, request: web.Request, body: Body) -> dict[str, Any]:
        number = request.match_info["id"]
        if not number.isascii() or not number.isdigit() or len(number) > 9:  # noqa: PLR2004  # what fits an int32
            raise unknown_work_item(number[:40])
        person = self._identities.find(body.get("by"))
        if person is None:
            raise BadChange("by", "By must be a person whom Boards know: an address, or a name that only one has.")
        change = Change(author=person, at=self._clock())
        if body.get("deleted") is True:
            return {"work_item": self._items.recycle(int(number), change).as_json()}
        patch = read_patch(operations(body, self._items.get(int(number))))
        return {"work_item": self._items.update(int(number), patch, change).as_json()}

    def _show_processes(self, _request: web.Request, _body: Body) -> dict[str, Any]:
        return {"processes": self._processes.state()}

    def _choose_process(self, request: web.Request, body: Body) -> dict[str, Any]:
        self._processes.choose(self._project(body), body.get("process"))
        return self._show_processes(request, body)

    def _change_state(self, request: web.Request, body: Body) -> dict[str, Any]:
        project = self._project(body)
        kind = self._type(project, body)
        match sorted(body.keys() & {"add", "rename", "remove"}):
            case ["add"]:
                state = State(_text(body, "add"), _color(body), _category(body))
                self._processes.add_state(project, kind, state, after=_text(body, "after") if "after" in body else None)
            case ["rename"]:
                old, new = _text(body, "rename"), _text(body, "to")
                self._processes.rename_state(project, kind, old, new)
                self._items.rename_state(project, kind.name, old, new)
            case ["remove"]:
                self._processes.remove_state(project, kind, _text(body, "remove"))
            case _:
                raise BadChange("add", "A state is changed by one of add, rename and remove.")
        return self._show_processes(request, body)

    def _add_rule(self, request: web.Request, body: Body) -> dict[str, Any]:
        project = self._project(body)
        kind = self._type(project, body)
        self._processes.add_rule(project, _rule(kind, body))
        return self._show_processes(request, body)

    def _clear_rules(self, request: web.Request, _body: Body) -> dict[str, Any]:
        project = self._project(request.query)
        self._processes.clear_rules(project)
        return self._show_processes(request, {})

    def _project(self, body: Body) -> str:
        wanted = str(body.get("project") or self._world.project)
        found = next((name for name in self._world.projects if name.casefold() == wanted.casefold()), None)
        if found is None:
            raise BadChange("project", f"There is no such project; there are {', '.join(self._world.projects)}.")
        return found

    def _type(self, project: str, body: Body) -> WorkItemType:
        process = self._processes.of(project)
        kind = process.type_named(_text(body, "type"))
        if kind is None:
            known = ", ".join(each.name for each in process.types)
            raise BadChange("type", f"The process {process.name} has no such type; it has {known}.")
        return kind


def _answering(act: Act) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def answer(request: web.Request) -> web.Response:
        try:
            return web.json_response(act(request, await _body(request)), headers={"Cache-Control": "no-store"})
        except BadChange as error:
            return web.json_response({"error": {"field": error.field, "message": str(error)}}, status=400)
        except Refusal as refusal:
            return refusal.answer()

    return answer


async def _body(request: web.Request) -> Body:
    text = await request.text()
    try:
        body = json.loads(text) if text else {}
    except (ValueError, RecursionError):
        raise BadChange("body", "What is to be changed must be a JSON object.") from None
    if not isinstance(body, dict) or is_deeper_than(body, DEEPEST):
        raise BadChange("body", f"What is to be changed must be a JSON object of up to {DEEPEST} levels.")
    return body


def _text(body: Body, name: str) -> str:
    value = body.get(name)
    if not isinstance(value, str) or not 0 < len(value.strip()) <= NAME_LENGTH:
        raise BadChange(name, f"{name.capitalize()} must be a text of up to {NAME_LENGTH} characters.")
    return value.strip()


def _category(body: Body) -> str:
    category = body.get("category")
    if category not in COLORS:
        raise BadChange("category", f"The category of a state is one of {', '.join(COLORS)}.")
    return str(category)


def _color(body: Body) -> str:
    return _text(body, "color") if "color" in body else COLORS[_category(body)]


def _rule(kind: WorkItemType, body: Body) -> Rule:
    rule = _text(body, "rule")
    if rule not in KINDS:
        raise BadChange("rule", f"A rule is one of {', '.join(KINDS)}.")
    state = _state(kind, body, "state") if "state" in body or rule == FORBID else ""
    came_from = _state(kind, body, "from") if "from" in body else ""
    return Rule(rule, kind.name, "" if rule == FORBID else _field(kind, body), state, came_from)


def _state(kind: WorkItemType, body: Body, name: str) -> str:
    state = _text(body, name)
    if state not in kind.state_names:
        raise BadChange(name, f"The type {kind.name} has no state {state!r}; it has {', '.join(kind.state_names)}.")
    return state


def _field(kind: WorkItemType, body: Body) -> str:
    field = field_named(_text(body, "field"))
    if field is None or field not in kind.fields:
        raise BadChange("field", f"The type {kind.name} has no such field; Custom.RootCause is one that it has.")
    return field.reference
