"""So many requests at once and no more, with heads of bounded size; others are refused before they are looked at."""

from datetime import timedelta
from http import HTTPStatus

from starlette.types import ASGIApp, Receive, Scope, Send

from worker.web.problem import Problem

# Each may hold a whole body, of a sender that is known: together some hundred megabytes at most.
REQUESTS = 500
# A token of Entra ID has two or three kilobytes.
HEAD_LIMIT = 16_000
HEADERS = 100
_COME_AGAIN = timedelta(seconds=2)


class OverloadGuard:
    def __init__(self, app: ASGIApp, *, at_once: int = REQUESTS) -> None:
        self._app = app
        self._at_once = at_once
        self._inside = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if refusal := self._refusal(scope):
            await refusal.response()(scope, receive, send)
            return
        self._inside += 1
        try:
            await self._app(scope, receive, send)
        finally:
            self._inside -= 1

    def _refusal(self, scope: Scope) -> Problem | None:
        size = len(scope["raw_path"]) + len(scope["query_string"])
        size += sum(len(name) + len(value) for name, value in scope["headers"])
        if size > HEAD_LIMIT or len(scope["headers"]) > HEADERS:
            detail = f"A request may have {HEADERS} headers, and {HEAD_LIMIT:,} bytes before its body."
            return Problem(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, detail, headers={"Connection": "close"})
        # A platform that hears nothing would restart us in the middle of it all.
        if self._inside >= self._at_once and scope["path"] != "/livez":
            headers = {"Retry-After": f"{_COME_AGAIN.total_seconds():.0f}"}
            detail = "More requests are being answered than can be at once; send it again."
            return Problem(HTTPStatus.SERVICE_UNAVAILABLE, detail, headers=headers)
        return None
