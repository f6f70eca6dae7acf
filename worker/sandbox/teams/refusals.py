"""How Graph says no: one exception, and the error body that every refusal takes on the wire."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from aiohttp import web


@dataclass(eq=False)  # not frozen: an exception on its way is written to by the interpreter
class Refused(Exception):
    """An answer other than success; raised anywhere below a route, written out by `refusal_response`."""

    status: int
    code: str
    message: str
    inner: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)


def refusal_response(refused: Refused, request: web.Request, now: datetime) -> web.Response:
    request_id = str(uuid.uuid4())
    inner = {
        **refused.inner,
        "date": now.strftime("%Y-%m-%dT%H:%M:%S"),
        "request-id": request_id,
        "client-request-id": request.headers.get("client-request-id", request_id)[:64],
    }
    body: dict[str, Any] = {"code": refused.code, "message": refused.message, "innerError": inner}
    headers = {**refused.headers, "request-id": request_id}
    return web.json_response({"error": body}, status=refused.status, headers=headers)


def bad_request(message: str, inner_code: str | None = None) -> Refused:
    return Refused(400, "BadRequest", message, {"code": inner_code} if inner_code else {})


def not_found(message: str) -> Refused:
    return Refused(404, "NotFound", message)
