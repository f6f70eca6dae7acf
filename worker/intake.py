"""The HTTP front door: authenticate, parse, publish, and 202 only when the queue has it."""

import hashlib
import ipaddress
import math
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Annotated, Any

import structlog
from fastapi import APIRouter, Depends, FastAPI, Header, Path, Request, Security
from fastapi.security.http import HTTPBase
from pydantic import BaseModel, Field, ValidationError
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, JSONResponse, Response

from worker import docs_page
from worker.alert_format import Ignored, NotThisFormat
from worker.alerts import FORMATS
from worker.errors import Misconfigured, TocsinError, Transient
from worker.history import History
from worker.incident import (
    INCIDENT_ID,
    Event,
    Fault,
    derived_key,
    encode,
    event_schema,
    field_faults,
    incident_id,
    with_key,
)
from worker.keys import SenderKeys
from worker.problem import MEDIA_TYPE, LastResort, Problem, ProblemDocument, answer_http_error, answer_problem
from worker.request_body import read_json
from worker.settings import Settings

Publish = Callable[[Event], Awaitable[None]]
FindHistory = Callable[[str], Awaitable[History | None]]
IsReady = Callable[[], str | None]
IdempotencyKey = Annotated[str | None, Header(description="The same key from the same sender is the same incident.")]

# A message of the Standard tier holds 256 KB; what is left is for its properties.
MESSAGE_LIMIT = 240_000
# Azure Monitor tries five times; a queue that fails over is back within a few of these.
RETRY_AFTER = timedelta(seconds=5)
BEGUN_WITHIN = timedelta(seconds=2)

log = structlog.get_logger()


class Accepted(BaseModel, frozen=True):
    incident_id: str = Field(examples=["inc-4h7k2m9xqz"])
    event_id: str


class AcceptedIncident(Accepted, frozen=True):
    status_url: str = Field(description="Where its launch can be followed, on this server.")


class IgnoredAlert(BaseModel, frozen=True):
    reason: str


class AcceptedAlerts(BaseModel, frozen=True):
    accepted: tuple[Accepted, ...] = ()
    ignored: tuple[IgnoredAlert, ...] = Field(default=(), description="Understood, and nothing to launch.")


def create_intake(settings: Settings, publish: Publish, history: FindHistory, is_ready: IsReady) -> FastAPI:
    """The app; `publish` returns once the broker has acknowledged and raises a TocsinError when it has not."""
    app = FastAPI(
        title="Tocsin intake",
        description="One call opens an incident: a work item, a channel, and the people on call are told.",
        version="1",
        docs_url=None,  # FastAPI's own page loads its scripts from elsewhere
        redoc_url=None,
        redirect_slashes=False,
        exception_handlers={Problem: answer_problem, HTTPException: answer_http_error},
    )
    app.add_middleware(LastResort)
    app.include_router(_incident_routes(_FrontDoor(settings, publish, history)))
    app.include_router(_open_routes(is_ready))
    return app


def check_listen_address(settings: Settings, host: str) -> None:
    """Raise Misconfigured if strangers could reach an intake that asks nobody for a key."""
    if not settings.intake_keys and not _is_loopback(host):
        raise Misconfigured(
            f"The intake would listen on {host or 'every address'} and take incidents from anybody, since no sender "
            "has a key. Set TOCSIN_INTAKE_KEYS to name=<SHA-256 of the key>, or listen on 127.0.0.1."
        )


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


class _FrontDoor:
    def __init__(self, settings: Settings, publish: Publish, history: FindHistory) -> None:
        self._keys = SenderKeys(settings.intake_keys)
        self._publish = publish
        self._history = history

    async def authenticate(self, request: Request) -> None:
        sender = self._keys.sender(request.headers.get("authorization"))
        if sender is None:
            detail = "The key is missing or not known here; send it as `Authorization: Bearer <key>`."
            raise Problem(HTTPStatus.UNAUTHORIZED, detail, headers={"WWW-Authenticate": 'Bearer realm="tocsin"'})
        # Any page open in a browser on this machine can post to loopback.
        if not self._keys and "origin" in request.headers:
            raise Problem(HTTPStatus.FORBIDDEN, "Web pages may not send here as long as no sender has a key.")
        request.state.sender = sender

    async def raise_incident(self, request: Request, idempotency_key: IdempotencyKey = None) -> JSONResponse:
        event = _native(await read_json(request))
        key = event.key or _key_of_header(request.state.sender, idempotency_key)
        accepted = await self._accept(request.state.sender, event, key)
        address = f"/v1/incidents/{accepted.incident_id}"
        answer = AcceptedIncident(**accepted.model_dump(), status_url=address)
        return JSONResponse(answer.model_dump(), HTTPStatus.ACCEPTED, headers={"Location": address})

    async def take_alerts(
        self,
        request: Request,
        format_name: Annotated[str, Path(alias="format", examples=list(FORMATS))],
        idempotency_key: IdempotencyKey = None,
    ) -> JSONResponse:
        findings = _findings(format_name, await read_json(request))
        accepted = []
        for place, event in enumerate(finding for finding in findings if isinstance(finding, Event)):
            # An alert that says what it is keeps that identity, by whatever way it comes.
            key = derived_key(event) or _key_of_header(request.state.sender, idempotency_key, place)
            accepted.append(await self._accept(request.state.sender, event, key))
        ignored = [IgnoredAlert(reason=finding.reason) for finding in findings if isinstance(finding, Ignored)]
        answer = AcceptedAlerts(accepted=tuple(accepted), ignored=tuple(ignored))
        return JSONResponse(answer.model_dump(), HTTPStatus.ACCEPTED)

    async def _accept(self, sender: str, given: Event, key: str | None) -> Accepted:
        received = given.model_copy(update={"key": key, "received_at": datetime.now(UTC)})
        event = _fitting(with_key(received))
        accepted = Accepted(incident_id=incident_id(event.key or ""), event_id=event.id)
        try:
            await self._publish(event)
        except TocsinError as error:
            raise _unavailable(error, "The queue did not confirm the incident; send it again.", sender=sender) from None
        log.info("intake.accepted", **accepted.model_dump(), sender=sender)
        return accepted

    async def show_incident(self, incident_id: str) -> Response:
        if not INCIDENT_ID.fullmatch(incident_id):
            raise Problem(HTTPStatus.NOT_FOUND, "This is no incident id: `inc-` and ten characters were expected.")
        try:
            history = await self._history(incident_id)
        except TocsinError as error:
            raise _unavailable(error, "The store of incidents did not answer; ask again.") from None
        if history is None:
            raise _not_begun(incident_id)
        return Response(history.model_dump_json(), media_type="application/json")


def _native(body: object) -> Event:
    try:
        return Event.model_validate(body)
    except ValidationError as error:
        raise _unprocessable("The body is not an event.", field_faults(error)) from None


def _findings(format_name: str, body: object) -> Sequence[Event | Ignored]:
    if format_name not in FORMATS:
        raise Problem(HTTPStatus.NOT_FOUND, f"There is no such alert format; there are: {', '.join(FORMATS)}.")
    try:
        return FORMATS[format_name](body)
    except NotThisFormat as refusal:
        raise _unprocessable(f"The body is not an alert of the format {format_name}.", refusal.faults) from None


def _key_of_header(sender: str, given: str | None, place: int = 0) -> str | None:
    """The header belongs to its sender: two that both count from one do not meet."""
    if not given or not given.strip():
        return None
    content = f"{sender}\n{given.strip()}\n{place}"
    return "idempotency:" + hashlib.sha256(content.encode()).hexdigest()


def _fitting(event: Event) -> Event:
    """The event, without the alert as it was received if both together are more than a message holds."""
    if len(encode(event)) <= MESSAGE_LIMIT:
        return event
    lean = event.model_copy(update={"raw": "Left out by the intake: too large to be carried along."})
    if len(encode(lean)) > MESSAGE_LIMIT:
        detail = "The event is larger than a message of the queue. Send the facts, and a link to the rest."
        raise Problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, detail)
    return lean


def _unprocessable(detail: str, faults: Sequence[Fault]) -> Problem:
    return Problem(HTTPStatus.UNPROCESSABLE_ENTITY, detail, faults=faults)


def _unavailable(error: TocsinError, detail: str, **context: str) -> Problem:
    log.warning("intake.unavailable", error=type(error).__name__, reason=str(error), **context)
    wait = (error.retry_after if isinstance(error, Transient) else None) or RETRY_AFTER
    return Problem(HTTPStatus.SERVICE_UNAVAILABLE, detail, headers=_retry_after(wait))


def _not_begun(asked: str) -> Problem:
    detail = (
        f"No worker has begun {asked}. If it was accepted a moment ago it is still in the queue: ask again. "
        "Otherwise nothing with this id was accepted."
    )
    return Problem(HTTPStatus.NOT_FOUND, detail, headers=_retry_after(BEGUN_WITHIN))


def _retry_after(wait: timedelta) -> dict[str, str]:
    return {"Retry-After": str(max(1, math.ceil(wait.total_seconds())))}


def _incident_routes(door: _FrontDoor) -> APIRouter:
    schemes = (
        HTTPBase(scheme="bearer", scheme_name="key", description="The sender's key.", auto_error=False),
        HTTPBase(
            scheme="basic", scheme_name="key in the address", description="The key as password.", auto_error=False
        ),
    )
    # The schemes only describe; the front door itself asks, and before a byte of the body is read.
    router = APIRouter(
        prefix="/v1", dependencies=[*(Security(scheme) for scheme in schemes), Depends(door.authenticate)]
    )
    router.add_api_route(
        "/incidents",
        door.raise_incident,
        methods=["POST"],
        summary="Raise an incident",
        status_code=HTTPStatus.ACCEPTED,
        responses={202: {"model": AcceptedIncident}, **_refusals(400, 401, 408, 413, 415, 422, 503)},
        openapi_extra=_json_body({"$ref": "/v1/schema/event.json"}),
    )
    router.add_api_route(
        "/alerts/{format}",
        door.take_alerts,
        methods=["POST"],
        summary="Take a monitoring system's own alert",
        status_code=HTTPStatus.ACCEPTED,
        responses={202: {"model": AcceptedAlerts}, **_refusals(400, 401, 404, 408, 413, 415, 422, 503)},
        openapi_extra=_json_body({}),
    )
    router.add_api_route(
        "/incidents/{incident_id}",
        door.show_incident,
        methods=["GET"],
        summary="Show how far a launch is",
        responses={200: {"model": History}, **_refusals(401, 404, 422, 503)},
    )
    return router


def _open_routes(is_ready: IsReady) -> APIRouter:
    router = APIRouter()

    @router.get("/livez", summary="Is the process alive?")
    async def livez() -> dict[str, str]:
        return {"status": "alive"}

    @router.get("/readyz", summary="Can it take incidents?", responses=_refusals(503))
    async def readyz() -> dict[str, str]:
        if reason := is_ready():
            raise Problem(HTTPStatus.SERVICE_UNAVAILABLE, reason, headers=_retry_after(RETRY_AFTER))
        return {"status": "ready"}

    @router.get("/v1/schema/event.json", summary="The JSON Schema of the event")
    async def schema_of_event() -> JSONResponse:
        return JSONResponse(event_schema(), media_type="application/schema+json")

    @router.get("/v1/schema/problem.json", summary="The JSON Schema of a refusal")
    async def schema_of_problem() -> JSONResponse:
        return JSONResponse(ProblemDocument.model_json_schema(), media_type="application/schema+json")

    @router.get("/docs", include_in_schema=False)
    async def docs(request: Request) -> HTMLResponse:
        return docs_page.page(request.app.openapi(), event_schema())

    return router


def _refusals(*statuses: int) -> dict[int | str, dict[str, Any]]:
    content = {MEDIA_TYPE: {"schema": {"$ref": "/v1/schema/problem.json"}}}
    return {status: {"description": HTTPStatus(status).phrase, "content": content} for status in statuses}


def _json_body(schema: dict[str, Any]) -> dict[str, Any]:
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}
