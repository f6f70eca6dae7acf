"""Heads of bounded size, and a place for each request that waits for something."""

from http import HTTPStatus

from starlette.types import ASGIApp, Receive, Scope, Send

from worker.web.admission import Admission
from worker.web.problem import Problem

# A token of Entra ID has two or three kilobytes.
HEAD_LIMIT = 16_000
HEADERS = 100
# Also those who watch are to see what goes on when all places are taken.
_BRIEF = frozenset({"/livez", "/readyz", "/metrics"})


class OverloadGuard:
    def __init__(self, app: ASGIApp, *, admission: Admission | None = None) -> None:
        self._app = app
        self._admission = admission or Admission()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if refusal := _refusal(scope):
            await refusal.response()(scope, receive, send)
            return
        with self._admission.visit(scope, brief=scope["path"] in _BRIEF):
            await self._app(scope, receive, send)


def _refusal(scope: Scope) -> Problem | None:
    size = len(scope["raw_path"]) + len(scope["query_string"])
    size += sum(len(name) + len(value) for name, value in scope["headers"])
    if size <= HEAD_LIMIT and len(scope["headers"]) <= HEADERS:
        return None
    detail = f"A request may have {HEADERS} headers, and {HEAD_LIMIT:,} bytes before its body."
    return Problem(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, detail, headers={"Connection": "close"})
