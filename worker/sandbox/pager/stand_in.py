"""The stand-in for pagers: takes any signed call, once, and keeps it to be looked at."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from aiohttp import web

from worker.sandbox.pager.remote_system import PAGER
from worker.sandbox.pager.signature import SECRET, is_recent, is_signed

Json = dict[str, Any]

NAME = "pager"
RETIRED = "retired"
"""A pager that was given up: a call to it is told to come no more."""
_KEPT = 500
_LARGEST_BODY = 256 * 1024
_LONGEST_ID = 256
_HEADERS = ("Content-Type", "User-Agent", "Idempotency-Key", "webhook-timestamp")


class Pager:
    """The stand-in named "pager"."""

    system = PAGER

    def __init__(self, *, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self.clock = clock
        self.calls: list[Json] = []

    def routes(self) -> Iterable[web.RouteDef]:
        yield web.post(PAGER.path + "/{name}", self._take)

    def settings(self, url: str) -> dict[str, str]:
        return {
            "paging_webhooks": f"{NAME}={url}/{NAME}",
            "paging_webhook_secrets": f"{NAME}={SECRET}",
            "last_resort": f"webhook:{NAME}",
        }

    def state(self) -> Json:
        return {"calls": self.calls}

    def restore(self, state: Mapping[str, Any]) -> None:
        self.calls = list(state["calls"])

    async def _take(self, request: web.Request) -> web.Response:
        name, call_id = request.match_info["name"], request.headers.get("webhook-id", "")
        body = await request.read()
        if name == RETIRED:
            return _refusal(410, "This webhook is no more.")
        if len(body) > _LARGEST_BODY:
            return _refusal(413, f"The body is larger than {_LARGEST_BODY} bytes.")
        if not 1 <= len(call_id) <= _LONGEST_ID or not is_signed(request.headers, body):
            return _refusal(401, "The signature is not that of this call.")
        if not is_recent(request.headers, self.clock()):
            return _refusal(400, "The timestamp is too far from now.")
        if any((call["name"], call["id"]) == (name, call_id) for call in self.calls):
            return web.json_response({"status": "duplicate"})
        self._keep(name, call_id, request.headers, body)
        return web.json_response({"status": "accepted"}, status=202)

    def _keep(self, name: str, call_id: str, headers: Mapping[str, str], body: bytes) -> None:
        call = {
            "id": call_id,
            "name": name,
            "time": self.clock().isoformat(timespec="milliseconds"),
            "headers": {header: headers[header] for header in _HEADERS if header in headers},
            "body": _read(body),
        }
        self.calls = [*self.calls, call][-_KEPT:]


def _read(body: bytes) -> Any:
    """The JSON that it is; text where it is none, since what a sender sends in error is worth seeing."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return body.decode("utf-8", "replace")


def _refusal(status: int, message: str) -> web.Response:
    return web.json_response({"error": message}, status=status)
