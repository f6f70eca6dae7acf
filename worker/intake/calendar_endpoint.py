"""A person's shifts as a calendar that programs subscribe to: the token in the address is all that they bring."""

import hashlib
from collections.abc import Awaitable, Callable
from http import HTTPStatus

import structlog
from fastapi import Request
from starlette.responses import Response

from worker.domain.errors import TocsinError
from worker.intake.incidents import RETRY_AFTER, retry_after
from worker.intake.unauthenticated import UnauthenticatedThrottle
from worker.web.admission import visit_of
from worker.web.hidden_path import shown_path
from worker.web.problem import Problem

MEDIA_TYPE = "text/calendar"

# The calendar behind a token, None where there is none; raises TocsinError where that cannot be said.
FindCalendar = Callable[[str], Awaitable[bytes | None]]

# Programs that poll ask each time whether it is another one by now; no cache on the way keeps it.
_HEADERS = {
    "Cache-Control": "private, no-cache",
    "Content-Disposition": 'inline; filename="on-call.ics"',
    "X-Robots-Tag": "noindex",
}
_NOTHING = "There is no calendar at this address, or not any more; `tocsin roster ics --link` makes one."

log = structlog.get_logger()


class CalendarEndpoint:
    """What is no token of anybody is answered late, as everywhere, and like one that was revoked."""

    def __init__(self, find: FindCalendar, throttle: UnauthenticatedThrottle) -> None:
        self._find = find
        self._throttle = throttle

    async def show_calendar(self, request: Request, token: str) -> Response:
        try:
            content = await self._find(token)
        except TocsinError as error:
            log.warning("intake.unavailable", error=type(error).__name__, reason=str(error))
            detail = "Who is on call cannot be read just now. Ask again."
            headers = retry_after(error.retry_after or RETRY_AFTER)
            raise Problem(HTTPStatus.SERVICE_UNAVAILABLE, detail, headers=headers) from None
        if content is None:
            raise await self._refusal(request)
        visit_of(request).recognise()
        return _answer(request, content)

    async def _refusal(self, request: Request) -> Problem:
        address = request.client.host if request.client else ""
        path = shown_path(request.url.path)
        stays = await self._throttle.delay(address, reason="no calendar", method=request.method, path=path)
        return Problem(HTTPStatus.NOT_FOUND, _NOTHING, headers=None if stays else {"Connection": "close"})


def _answer(request: Request, content: bytes) -> Response:
    tag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
    headers = {**_HEADERS, "ETag": tag}
    if _holds(request.headers.get("If-None-Match", ""), tag):
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
    return Response(content, headers=headers, media_type=f"{MEDIA_TYPE}; charset=utf-8")


def _holds(condition: str, tag: str) -> bool:
    """Compared weakly: a proxy that compressed it says `W/`."""
    return any(each.strip().removeprefix("W/") in (tag, "*") for each in condition.split(","))
