"""How the Bot Connector reads what it is sent, and how it says no."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from worker.sandbox.teams.content import LARGEST_MESSAGE
from worker.sandbox.teams.refusals import Refused

Json = dict[str, Any]
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def answering(handler: Handler) -> Handler:
    """The handler, with its refusals written out as the connector writes them."""

    async def answer(request: web.Request) -> web.StreamResponse:
        try:
            return await handler(request)
        except Refused as refused:
            body = {"code": refused.code, "message": refused.message, **refused.inner}
            return web.json_response({"error": body}, status=refused.status)

    return answer


async def read_object(request: web.Request) -> Json:
    raw = await request.read()
    if len(raw) > LARGEST_MESSAGE:
        raise Refused(413, "MessageSizeTooBig", f"The message is larger than {LARGEST_MESSAGE} bytes.")
    try:
        sent = json.loads(raw)
    except (ValueError, RecursionError):
        sent = None
    if not isinstance(sent, dict):
        raise bad("The body is not a JSON object.")
    return sent


def at(sent: Json, *path: str) -> object:
    value: object = sent
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def objects(sent: object, name: str) -> list[Json]:
    value = sent.get(name) if isinstance(sent, dict) else None
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise bad(f"'{name}' must be a list of objects.")
    return list(value)


def bad(message: str) -> Refused:
    return Refused(400, "BadSyntax", message)
