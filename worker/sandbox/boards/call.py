"""One request to the organisation: who makes it, in which project, and its checked parameters and body."""

import base64
import binascii
import json
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Self

from aiohttp import web

from worker.sandbox.boards.identities import Identities
from worker.sandbox.boards.refusal import Refusal, bad_content_type, bad_request, unknown_project, unknown_work_item
from worker.sandbox.boards.remote_system import BOARDS, fault_answer
from worker.sandbox.harness.shown_address import shown_origin
from worker.sandbox.world import Person, World

# Some clients send the number of an expansion, which is its place.
EXPANSIONS = ("none", "relations", "fields", "links", "all")
_NUMBERS_OF_EXPANSIONS = frozenset(map(str, range(len(EXPANSIONS))))
DEEPEST = 40


@dataclass(frozen=True)
class Call:
    request: web.Request
    author: Person
    project: str | None
    organisation_url: str
    shown_url: str

    @classmethod
    def read(cls, request: web.Request, world: World) -> Self:
        return cls(
            request=request,
            author=_author(request, world),
            project=_project(request, world),
            organisation_url=f"{request.scheme}://{request.host}{BOARDS.path}",
            shown_url=f"{shown_origin(request)}{BOARDS.path}",
        )

    def part(self, name: str) -> str:
        return self.request.match_info[name]

    def number(self, name: str = "id", *, missing: Callable[[object], Refusal] = unknown_work_item) -> int:
        text = self.part(name)
        if not text.isascii() or not text.isdigit() or len(text) > 9:  # noqa: PLR2004  # what fits an int32
            raise missing(text[:40])
        return int(text)

    def option(self, name: str) -> str | None:
        """Read a query option, in any spelling of upper and lower case, with or without its dollar."""
        wanted = (name.casefold(), f"${name.casefold()}")
        return next((value for key, value in self.request.query.items() if key.casefold() in wanted), None)

    def flag(self, name: str) -> bool:
        value = (self.option(name) or "false").casefold()
        if value not in ("true", "false"):
            raise bad_request(f"The value {value[:40]!r} is not valid for {name}; it is true or false.")
        return value == "true"

    def count(self, name: str, *, most: int, least: int = 1) -> int:
        value = self.option(name)
        if value is None:
            return most
        if not value.isascii() or not value.isdigit() or len(value) > 9 or int(value) < least:  # noqa: PLR2004
            raise bad_request(f"The value {value[:40]!r} is not valid for {name}; it is a whole number from {least}.")
        return min(int(value), most)

    def expands(self, *, default: str) -> str:
        value = (self.option("expand") or default).casefold()
        if value in _NUMBERS_OF_EXPANSIONS:
            return EXPANSIONS[int(value)]
        if value not in EXPANSIONS:
            raise bad_request(f"The value {value[:40]!r} is not valid for $expand.")
        return value

    async def octets(self, content_type: str) -> bytes:
        if self.request.content_type != content_type:
            raise bad_content_type(self.request.content_type, content_type)
        return await self.request.read()

    async def body(self, content_type: str) -> Any:
        content = await self.octets(content_type)
        try:
            body = json.loads(content)
        except (ValueError, RecursionError) as error:
            raise bad_request("The body of the request is not JSON.") from error
        if is_deeper_than(body, DEEPEST):
            raise bad_request(f"The body of the request nests deeper than {DEEPEST} levels.")
        return body


def _project(request: web.Request, world: World) -> str | None:
    name = request.match_info.get("project")
    if name is None:
        return None
    wanted = name.casefold()
    for known, project_id in world.projects.items():
        if wanted in (known.casefold(), project_id):
            return known
    raise unknown_project(name[:100])


def _author(request: web.Request, world: World) -> Person:
    """Tell who asks: a user name in Basic credentials is a person's, everything else is the application."""
    scheme, _, credentials = request.headers.get("Authorization", "").partition(" ")
    match scheme.casefold():
        case "":
            return world.service
        case "bearer" if credentials.strip():
            return world.service
        case "basic":
            user, secret = _basic(credentials)
            if not secret:
                raise _sign_in()
            return (Identities(world).find(user) if user else None) or world.service
    raise _not_authorized()


def _basic(credentials: str) -> tuple[str, str]:
    try:
        user, _, secret = base64.b64decode(credentials.strip(), validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError) as error:
        raise _not_authorized() from error
    return user, secret


def _not_authorized() -> web.HTTPUnauthorized:
    text, content_type = fault_answer(HTTPStatus.UNAUTHORIZED)
    return web.HTTPUnauthorized(text=text, headers={"Content-Type": content_type})


def _sign_in() -> web.HTTPNonAuthoritativeInformation:
    """Answer a token that is none as the service does: with a page, and a status that looks like success."""
    text, content_type = fault_answer(HTTPStatus.NON_AUTHORITATIVE_INFORMATION)
    return web.HTTPNonAuthoritativeInformation(text=text, headers={"Content-Type": content_type})


def is_deeper_than(value: object, levels: int) -> bool:
    if levels == 0:
        return True
    children = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return any(is_deeper_than(child, levels - 1) for child in children)
