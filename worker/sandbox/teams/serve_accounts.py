"""The members of a conversation, as the connector tells a bot."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from aiohttp import web

from worker.sandbox.teams.accounts import account_json, by_any_name
from worker.sandbox.teams.connector import Json, bad
from worker.sandbox.teams.refusals import Refused
from worker.sandbox.world import Person, World

PeopleOf = Callable[[web.Request], list[Person]]
"""Who is in the conversation that is asked about; raises Refused."""

# The real connector makes at least fifty of a smaller page; here a smaller one shows a caller's paging with few people.
_LARGEST_PAGE = 500
_PAGE_UNLESS_TOLD = 200
_LONGEST_NUMBER = 9


class AccountRoutes:
    def __init__(self, world: World, people_of: PeopleOf) -> None:
        self._world = world
        self._people_of = people_of

    def routes(self) -> Iterable[web.RouteDef]:
        return (
            web.get("/{conversation}/members/{member:[^/]+}", self.get_member),
            web.get("/{conversation}/pagedmembers", self.list_members),
        )

    async def get_member(self, request: web.Request) -> web.Response:
        person = by_any_name(request.match_info["member"], self._people_of(request))
        if person is None:
            raise Refused(404, "MemberNotFoundInConversation", "Member not found in conversation.")
        return web.json_response(account_json(person, self._world))

    async def list_members(self, request: web.Request) -> web.Response:
        people = self._people_of(request)
        size = min(_whole(request, "pageSize", _PAGE_UNLESS_TOLD) or _PAGE_UNLESS_TOLD, _LARGEST_PAGE)
        start = _whole(request, "continuationToken", 0)
        page: Json = {"members": [account_json(person, self._world) for person in people[start : start + size]]}
        if start + size < len(people):
            page["continuationToken"] = str(start + size)
        return web.json_response(page)


def _whole(request: web.Request, name: str, default: int) -> int:
    text = request.query.get(name) or str(default)
    if not (text.isascii() and text.isdecimal() and len(text) <= _LONGEST_NUMBER):
        raise bad(f"'{name}' is not one that the connector gave or takes.")
    return int(text)
