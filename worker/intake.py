"""The intake as an app: its addresses, what is described of them, and who may reach it."""

import ipaddress
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from fastapi import APIRouter, Depends, FastAPI, Request, Security
from fastapi.security.http import HTTPBase
from pydantic import BaseModel
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, JSONResponse, Response

from worker import docs_page
from worker.alert_story import AlertStory
from worker.errors import Misconfigured
from worker.front_door import (
    RETRY_AFTER,
    SPOOLED,
    AcceptedAlerts,
    AcceptedIncident,
    FindAlert,
    FindHistory,
    FrontDoor,
    Publish,
    retry_after,
)
from worker.handover import Handover
from worker.history import History
from worker.http_server import serve
from worker.incident import event_schema
from worker.keys import SenderKeys
from worker.problem import MEDIA_TYPE, LastResort, Problem, ProblemDocument, answer_http_error, answer_problem
from worker.prometheus_text import CONTENT_TYPE
from worker.settings import Settings
from worker.spool import Spool
from worker.traced_requests import TracedRequests

__all__ = ["check_listen_address", "create_intake", "serve"]

IsReady = Callable[[], str | None]
Metrics = Callable[[], str]


async def _none_found(_asked: str) -> None:
    return None


def create_intake(
    settings: Settings,
    publish: Publish,
    history: FindHistory,
    is_ready: IsReady,
    metrics: Metrics = str,
    *,
    find_alert: FindAlert = _none_found,
    spool: Spool | None = None,
) -> FastAPI:
    """The app; `publish` returns once the broker has acknowledged and raises a TocsinError when it has not."""
    handover = Handover(publish, is_ready, spool)
    app = FastAPI(
        title="Tocsin intake",
        description="One call opens an incident: a work item, a channel, and the people on call are told.",
        version="1",
        docs_url=None,  # FastAPI's own page loads its scripts from elsewhere
        redoc_url=None,
        redirect_slashes=False,
        generate_unique_id_function=lambda route: route.name,
        exception_handlers={Problem: answer_problem, HTTPException: answer_http_error},
    )
    app.add_middleware(LastResort)
    app.add_middleware(TracedRequests)
    door = FrontDoor(SenderKeys(settings.intake_keys), handover, history, find_alert)
    app.include_router(_incident_routes(door))
    # Numbers of what goes on inside are for those who have a key, like all else that is not for strangers.
    app.include_router(_metrics_route(metrics), dependencies=[Depends(door.authenticate)])
    app.include_router(_open_routes(handover))
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


def _incident_routes(door: FrontDoor) -> APIRouter:
    schemes = (
        HTTPBase(scheme="bearer", scheme_name="key", description="The sender's key.", auto_error=False),
        HTTPBase(
            scheme="basic",
            scheme_name="key-in-address",
            description="The key as the password, for senders that only know an address.",
            auto_error=False,
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
        responses={202: _accepted(AcceptedIncident), **_refusals(400, 401, 408, 413, 415, 422, 503)},
        openapi_extra=_json_body({"$ref": "/v1/schema/event.json"}),
    )
    router.add_api_route(
        "/alerts/{format}",
        door.take_alerts,
        methods=["POST"],
        summary="Take a monitoring system's own alert",
        status_code=HTTPStatus.ACCEPTED,
        responses={202: _accepted(AcceptedAlerts), **_refusals(400, 401, 404, 408, 413, 415, 422, 503)},
        openapi_extra=_json_body({}),
    )
    router.add_api_route(
        "/incidents/{incident_id}",
        door.show_incident,
        methods=["GET"],
        summary="Show how far a launch is",
        responses={200: {"model": History}, **_refusals(401, 404, 422, 503)},
    )
    router.add_api_route(
        "/alerts/{tracking_id}",
        door.show_alert,
        methods=["GET"],
        summary="Show what became of an alert",
        responses={200: {"model": AlertStory}, **_refusals(401, 404, 422, 503)},
    )
    return router


def _open_routes(handover: Handover) -> APIRouter:
    router = APIRouter()

    @router.get("/livez", summary="Is the process alive?")
    async def livez() -> dict[str, str]:
        return {"status": "alive"}

    @router.get("/readyz", summary="Can it take incidents?", responses=_refusals(503))
    async def readyz() -> dict[str, str]:
        if reason := handover.why_not_ready():
            raise Problem(HTTPStatus.SERVICE_UNAVAILABLE, reason, headers=retry_after(RETRY_AFTER))
        return {"status": "ready"} | ({"spooled": spooled} if (spooled := handover.spooled()) else {})

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


def _metrics_route(metrics: Metrics) -> APIRouter:
    router = APIRouter()

    @router.get("/metrics", include_in_schema=False)  # for the platform, not for senders
    async def numbers() -> Response:
        return Response(metrics(), media_type=CONTENT_TYPE)

    return router


def _accepted(model: type[BaseModel]) -> dict[str, Any]:
    about = "How many of the events wait in the spool for a queue that does not answer; left out where none does."
    return {"model": model, "headers": {SPOOLED: {"description": about, "schema": {"type": "integer"}}}}


def _refusals(*statuses: int) -> dict[int | str, dict[str, Any]]:
    content = {MEDIA_TYPE: {"schema": {"$ref": "/v1/schema/problem.json"}}}
    return {status: {"description": HTTPStatus(status).phrase, "content": content} for status in statuses}


def _json_body(schema: dict[str, Any]) -> dict[str, Any]:
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}
