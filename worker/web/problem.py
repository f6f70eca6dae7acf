"""Refusals in the form of RFC 9457: application/problem+json that names the field."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

import structlog
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from worker.domain.validation import Fault
from worker.web.hidden_path import shown_path

MEDIA_TYPE = "application/problem+json"

log = structlog.get_logger()


class FieldError(BaseModel, frozen=True):
    field: str = Field(examples=["links.0.href"])
    message: str = Field(examples=["must be an http or https address"])


class ProblemDocument(BaseModel, frozen=True):
    type: str = "about:blank"
    title: str
    status: int
    detail: str
    errors: tuple[FieldError, ...] = ()


class Problem(Exception):
    """A request that is answered with a refusal; the detail is a sentence for whoever sent it."""

    def __init__(
        self,
        status: HTTPStatus,
        detail: str,
        *,
        faults: Sequence[Fault] = (),
        headers: Mapping[str, str] | None = None,
        more: Mapping[str, Any] | None = None,
    ) -> None:
        """`more`: members of the document beside those that all have."""
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.faults = tuple(faults)
        self.headers = dict(headers or {})
        self.more = dict(more or {})

    def response(self) -> JSONResponse:
        document = ProblemDocument(
            title=self.status.phrase,
            status=self.status.value,
            detail=self.detail,
            errors=tuple(FieldError(field=fault.field, message=fault.message) for fault in self.faults),
        )
        return JSONResponse(
            {**self.more, **document.model_dump(mode="json")},
            self.status.value,
            headers=self.headers,
            media_type=MEDIA_TYPE,
        )


async def answer_problem(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, Problem)  # noqa: S101 - registered for nothing else
    # Strangers are told of elsewhere, within bounds.
    if error.status < HTTPStatus.INTERNAL_SERVER_ERROR and error.status != HTTPStatus.UNAUTHORIZED:
        log.info(
            "intake.refused",
            status=error.status.value,
            method=request.method,
            path=shown_path(request.url.path),
            sender=getattr(request.state, "sender", None),
            fields=[fault.field for fault in error.faults],
        )
    return error.response()


async def answer_http_error(request: Request, error: Exception) -> JSONResponse:
    """What the router itself refuses: unknown addresses and methods."""
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for nothing else
    detail = "There is nothing at this address, or not for this method; /docs shows what there is."
    return await answer_problem(request, Problem(HTTPStatus(error.status_code), detail, headers=error.headers))


class CatchAllErrors:
    """The one broad except: whatever else goes wrong is logged here, and the sender learns nothing of it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        answered = False

        async def watch(message: Message) -> None:
            nonlocal answered
            answered = True
            await send(message)

        try:
            await self._app(scope, receive, watch)
        except Exception:
            log.exception("intake.failed", method=scope.get("method"), path=shown_path(str(scope.get("path"))))
            if answered:  # half an answer stands; only a broken connection tells the sender so
                raise
            await _our_fault().response()(scope, receive, send)


def _our_fault() -> Problem:
    # Monitoring systems take 500 for final, and would never send the alert again.
    detail = "The intake failed; its log says why. Sending again may succeed."
    return Problem(HTTPStatus.SERVICE_UNAVAILABLE, detail, headers={"Retry-After": "5"})
