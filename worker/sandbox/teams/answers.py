"""How Graph says yes, and how it reads what it is sent."""

from __future__ import annotations

import json
from typing import Any

from aiohttp import web

from worker.sandbox.teams.refusals import Refused, bad_request

Json = dict[str, Any]

LARGEST_BODY = 256 * 1024  # no request of Graph's Teams part has reason to be larger


def entity(kind: str, shown: Json, status: int = 200) -> web.Response:
    return web.json_response(_context(f"{kind}/$entity") | shown, status=status)


def listing(kind: str, value: list[Json], **annotations: Any) -> web.Response:
    counted = {"@odata.count": len(value)} | {f"@odata.{name}": note for name, note in annotations.items()}
    return web.json_response(_context(kind) | counted | {"value": value})


async def read_object(request: web.Request) -> Json:
    raw = await request.read()
    if len(raw) > LARGEST_BODY:
        raise Refused(413, "RequestEntityTooLarge", f"Request body too large: more than {LARGEST_BODY} bytes.")
    try:
        body = json.loads(raw)
    except (ValueError, RecursionError):
        raise bad_request("Unable to read JSON request payload.") from None
    if not isinstance(body, dict):
        raise bad_request("Unable to read JSON request payload: an object is expected.")
    return body


def _context(of: str) -> Json:
    return {"@odata.context": f"https://graph.microsoft.com/v1.0/$metadata#{of}"}
