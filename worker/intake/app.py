"""The intake as an app: its addresses, what is described of them, and who may reach it."""

import ipaddress
from collections.abc import Callable, Sequence
from functools import partial
from http import HTTPStatus
from typing import Any

from fastapi import APIRouter, Depends, FastAPI, Request, Security
from fastapi.exceptions import RequestValidationError
from fastapi.security import APIKeyHeader, APIKeyQuery
from fastapi.security.http import HTTPBase
from pydantic import BaseModel
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, JSONResponse, Response

from worker.domain.acknowledge_link import PATH
from worker.domain.alert_status import AlertStatus
from worker.domain.errors import Misconfigured
from worker.domain.event import Event, event_schema
from worker.domain.incident import incident_id
from worker.domain.on_call_answer import OnCallAnswer
from worker.domain.sender_scope import Sender
from worker.incidents.history import History
from worker.incidents.open_incident import OpenIncident
from worker.incidents.response import Timeline
from worker.incidents.review.review import Review
from worker.intake import docs_page, openapi
from worker.intake.acknowledge_endpoint import AcknowledgeEndpoint, RecordOnce
from worker.intake.act_endpoint import ActEndpoint, ActOutcome
from worker.intake.acting import Acting
from worker.intake.alerts import AcceptedAlerts, AlertEndpoints
from worker.intake.authentication import GRAFANA, TOCSIN, Authentication
from worker.intake.calendar_endpoint import MEDIA_TYPE as MEDIA_TYPE_OF_CALENDARS
from worker.intake.calendar_endpoint import CalendarEndpoint, FindCalendar
from worker.intake.event_grid_handshake import ValidationAnswer
from worker.intake.incidents import (
    RETRY_AFTER,
    SPOOLED,
    FindAlert,
    FindHistory,
    IncidentEndpoints,
    Publish,
    Raised,
    retry_after,
)
from worker.intake.key_lookup import FindOpened
from worker.intake.on_call_endpoint import AskOnCall, OnCallEndpoint
from worker.intake.open_incidents import FindByState, FindOpen, OpenList
from worker.intake.opsgenie import Answer, OpsgenieEndpoints
from worker.intake.pagerduty import Invalid, PagerDutyEndpoint, Processed
from worker.intake.publishing import Publisher
from worker.intake.responses import NoResponses, Responses, WithResponse, as_it_is
from worker.intake.review_endpoint import FindKept, FindReview, ReviewEndpoint, no_review
from worker.intake.spool import Spool
from worker.intake.unauthenticated import UnauthenticatedThrottle
from worker.intake.unread_parameters import answer_unread
from worker.observability.prometheus_text import CONTENT_TYPE
from worker.settings import Settings
from worker.web.overload import OverloadGuard
from worker.web.problem import MEDIA_TYPE, CatchAllErrors, Problem, ProblemDocument, answer_http_error, answer_problem
from worker.web.tracing import TracedRequests

IsReady = Callable[[], str | None]
Metrics = Callable[[], str]

_JSON = "application/json"
_FORM = "application/x-www-form-urlencoded"
_CLOUDEVENTS = ("application/cloudevents+json", "application/cloudevents-batch+json")
_VALIDATED = {"model": ValidationAnswer, "description": "To Event Grid alone, which asks whether it may send."}
# Whoever is asked who they are: a signed body is read then, and web pages may not send where nobody is asked.
_OF_AUTHENTICATION = (400, 403, 408, 413, 431, 503)


class SchemaResponse(JSONResponse):
    media_type = "application/schema+json"


class CalendarResponse(Response):
    media_type = MEDIA_TYPE_OF_CALENDARS


async def _none_found(_asked: str) -> None:
    return None


async def _none_open(_service: str | None, _limit: int, _seen_by: Sender) -> Sequence[OpenIncident]:
    return ()


async def _opened_by_its_key(event: Event) -> str | None:
    return incident_id(event.key or "")


def create_intake(
    settings: Settings,
    publish: Publish,
    history: FindHistory,
    is_ready: IsReady,
    metrics: Metrics = str,
    *,
    throttle: UnauthenticatedThrottle | None = None,
    find_alert: FindAlert = _none_found,
    record_once: RecordOnce | None = None,
    find_open: FindOpen = _none_open,
    find_opened: FindOpened = _opened_by_its_key,
    ask_on_call: AskOnCall | None = None,
    find_calendar: FindCalendar | None = None,
    spool: Spool | None = None,
    responses: Responses | None = None,
    with_response: WithResponse = as_it_is,
    find_by_state: FindByState | None = None,
    find_review: FindReview | None = None,
    find_kept: FindKept = no_review,
) -> FastAPI:
    """The app; `publish` returns once the broker has acknowledged and raises a TocsinError when it has not."""
    publisher = Publisher(publish, is_ready, spool)
    throttle = throttle or UnauthenticatedThrottle()
    app = FastAPI(
        title="Tocsin intake",
        description="One call opens an incident: a work item, a channel, and the people on call are told.",
        version="1",
        docs_url=None,  # FastAPI's own page loads its scripts from elsewhere
        redoc_url=None,
        redirect_slashes=False,
        generate_unique_id_function=lambda route: route.name,
        exception_handlers={
            Problem: answer_problem,
            HTTPException: answer_http_error,
            RequestValidationError: answer_unread,
        },
    )
    app.openapi = partial(openapi.describe, app)  # type: ignore[method-assign] # the way that FastAPI leaves for it
    app.add_middleware(CatchAllErrors)
    app.add_middleware(TracedRequests)
    app.add_middleware(OverloadGuard)
    incidents = IncidentEndpoints(
        Authentication(settings),
        throttle,
        publisher,
        history=history,
        find_alert=find_alert,
        find_open=find_open,
        find_opened=find_opened,
        reading=settings.reading,
        scope_of=lambda sender: settings.sender_rules(sender).scope,
        responses=responses,
        with_response=with_response,
        find_by_state=find_by_state,
    )
    alerts = AlertEndpoints(incidents, settings.reading)
    app.include_router(_incident_routes(incidents))
    app.include_router(_act_routes(incidents, ActEndpoint(incidents, responses or NoResponses())))
    if find_review is not None:
        app.include_router(_review_routes(incidents, ReviewEndpoint(incidents, find_review, find_kept)))
    app.include_router(_alert_routes(incidents, alerts))
    app.include_router(_pagerduty_routes(PagerDutyEndpoint(incidents, alerts)))
    app.include_router(_opsgenie_routes(incidents, OpsgenieEndpoints(incidents, alerts)))
    if ask_on_call is not None:
        app.include_router(_on_call_routes(incidents, OnCallEndpoint(ask_on_call)))
    # Numbers of what goes on inside are for those who have a key, like all else that is not for strangers.
    app.include_router(_metrics_route(metrics), dependencies=[Depends(incidents.authenticate)])
    app.include_router(_open_routes(publisher))
    if record_once is not None and settings.intake_url and settings.link_secret is not None:
        secret = settings.link_secret.get_secret_value()
        known = responses or NoResponses()
        endpoint = AcknowledgeEndpoint(
            secret,
            throttle,
            history=history,
            record=record_once,
            acting=Acting(lambda encoded, _: publisher.publish(encoded), known),
            responses=known,
        )
        app.include_router(_acknowledge_routes(endpoint))
    if find_calendar is not None:
        app.include_router(_calendar_routes(CalendarEndpoint(find_calendar, throttle)))
    return app


def check_listen_address(settings: Settings, host: str) -> None:
    """Raise Misconfigured if strangers could reach an intake that asks nobody for a key."""
    if not settings.asks_who_sends and not _is_loopback(host):
        raise Misconfigured(
            f"The intake would listen on {host or 'every address'} and take incidents from anybody, since no sender "
            "has a key. Set TOCSIN_INTAKE_KEYS (`tocsin intake-key NAME` makes one), or listen on 127.0.0.1."
        )


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _keyed_router(incidents: IncidentEndpoints, prefix: str = "/v1") -> APIRouter:
    schemes: tuple[Callable[..., Any], ...] = (
        HTTPBase(scheme="bearer", scheme_name="key", description="The sender's key.", auto_error=False),
        HTTPBase(
            scheme="basic",
            scheme_name="key-in-address",
            description="The key as the password, for senders that only know an address.",
            auto_error=False,
        ),
        APIKeyQuery(
            name="access_token", scheme_name="key-in-query", description="The key, as in CloudEvents.", auto_error=False
        ),
        HTTPBase(
            scheme="bearer",
            scheme_name="entra",
            description="A token of Entra ID, as the secure webhooks of Azure Monitor send it.",
            auto_error=False,
        ),
        *(
            APIKeyHeader(name=scheme.header, scheme_name=name, description=scheme.description, auto_error=False)
            for name, scheme in {"signature": TOCSIN, "signature-of-grafana": GRAFANA}.items()
        ),
    )
    # The schemes only describe; the endpoints themselves ask, and before a byte of the body is read.
    return APIRouter(
        prefix=prefix, dependencies=[*(Security(scheme) for scheme in schemes), Depends(incidents.authenticate)]
    )


def _incident_routes(incidents: IncidentEndpoints) -> APIRouter:
    router = _keyed_router(incidents)
    router.add_api_route(
        "/incidents",
        incidents.raise_incident,
        methods=["POST"],
        summary="Raise an incident",
        status_code=HTTPStatus.ACCEPTED,
        responses={202: _accepted(Raised), **_refusals(400, 401, 404, 408, 409, 413, 415, 422, 503)},
        openapi_extra=_body(openapi.EVENT, _JSON),
    )
    router.add_api_route(
        "/incidents",
        incidents.list_incidents,
        methods=["GET"],
        summary="List the incidents whose response is running, or in another state",
        responses={200: {"model": OpenList}, **_refusals(401, 422, 503)},
    )
    router.add_api_route(
        "/incidents/{incident_id}",
        incidents.show_incident,
        methods=["GET"],
        summary="Show how far a launch is, how the response stands, and who was told",
        description="Of what was one too many of its sender: which incident it was gathered in, and why.",
        responses={200: {"model": History | AlertStatus}, **_refusals(401, 404, 422, 503)},
    )
    router.add_api_route(
        "/alerts/{tracking_id}",
        incidents.show_alert,
        methods=["GET"],
        summary="Show what became of an alert",
        responses={200: {"model": AlertStatus}, **_refusals(401, 404, 422, 503)},
    )
    return router


def _act_routes(incidents: IncidentEndpoints, endpoint: ActEndpoint) -> APIRouter:
    router = _keyed_router(incidents)
    router.add_api_route(
        "/incidents/{incident_id}/acts",
        endpoint.act,
        methods=["POST"],
        summary="Act on an incident: acknowledge it, update it, resolve it, and the rest",
        description="The answer says what it came to, if a worker decides within two seconds; the same id is the same "
        "act, however often it is sent. A refusal names what is possible.",
        responses={
            200: {"model": ActOutcome},
            202: _accepted(ActOutcome),
            **_refusals(400, 401, 403, 404, 408, 409, 413, 415, 422, 503),
        },
        openapi_extra=_body(openapi.ACT, _JSON),
    )
    router.add_api_route(
        "/incidents/{incident_id}/timeline",
        incidents.show_timeline,
        methods=["GET"],
        summary="Show what happened to an incident, in the order in which it happened",
        responses={200: {"model": Timeline}, **_refusals(401, 404, 422, 503)},
    )
    return router


def _review_routes(incidents: IncidentEndpoints, endpoint: ReviewEndpoint) -> APIRouter:
    router = _keyed_router(incidents)
    router.add_api_route(
        "/incidents/{incident_id}/review",
        endpoint.show_review,
        methods=["GET"],
        summary="Tell all that happened to an incident on one axis of time, for its review",
        description="In Markdown, to be completed by people, or in JSON. What could not be read stands in it as a gap.",
        responses={
            200: {"model": Review, "content": {"text/markdown": {}}},
            **_refusals(401, 404, 422, 503),
        },
    )
    return router


def _on_call_routes(incidents: IncidentEndpoints, endpoint: OnCallEndpoint) -> APIRouter:
    router = _keyed_router(incidents)
    router.add_api_route(
        "/on-call",
        endpoint.show_on_call,
        methods=["GET"],
        summary="Say who is on call for a service, why, until when, and who is next",
        description="As `tocsin roster who --json` says it; nobody is an answer too, with a note.",
        responses={200: {"model": OnCallAnswer}, **_refusals(401, 422, 503)},
    )
    return router


def _alert_routes(incidents: IncidentEndpoints, alerts: AlertEndpoints) -> APIRouter:
    router = _keyed_router(incidents)
    takers: dict[str, tuple[Callable[..., Any], str, tuple[str, ...]]] = {
        "/alerts": (alerts.take_any_alerts, "Take an alert of any format that is known here", (_JSON, *_CLOUDEVENTS)),
        "/alerts/{format}": (alerts.take_alerts, "Take a monitoring system's own alert", (_JSON, _FORM, *_CLOUDEVENTS)),
        "/events": (alerts.take_cloudevents, "Take a CloudEvent, or a batch of them", (*_CLOUDEVENTS, _JSON)),
    }
    for path, (take, summary, media_types) in takers.items():
        router.add_api_route(
            path,
            take,
            methods=["POST"],
            summary=summary,
            status_code=HTTPStatus.ACCEPTED,
            responses={
                200: _VALIDATED,
                202: _accepted(AcceptedAlerts),
                **_refusals(400, 401, 404, 408, 413, 415, 422, 503),
            },
            openapi_extra=_body({}, *media_types),
        )
        # Said to programs alone: it is part of what CloudEvents asks of whoever receives them.
        router.add_api_route(path, alerts.webhook_handshake, methods=["OPTIONS"], include_in_schema=False)
    return router


def _pagerduty_routes(endpoint: PagerDutyEndpoint) -> APIRouter:
    """Who sends there carries its key in the body, so the endpoint asks for it once it has read that."""
    router = APIRouter(prefix="/v2")
    answers: dict[int | str, dict[str, Any]] = {202: {"model": Processed}}
    answers |= {status: {"model": Invalid} for status in (400, 401, 403, 408, 413, 415, 503)}
    # Refused before anybody looked at its address.
    answers |= _refusals(431)
    answers[503] = {**_refusals(503)[503], "model": Invalid}
    for path, name, summary in (
        ("/enqueue", "enqueue", "Take an event as PagerDuty does"),
        ("/change/enqueue", "enqueue_change", "Hear of a change as PagerDuty does, and launch nothing"),
    ):
        router.add_api_route(
            path,
            endpoint.enqueue,
            methods=["POST"],
            name=name,
            summary=summary,
            status_code=HTTPStatus.ACCEPTED,
            responses=answers,
            openapi_extra=_body({}, _JSON),
        )
    return router


def _opsgenie_routes(incidents: IncidentEndpoints, endpoints: OpsgenieEndpoints) -> APIRouter:
    router = _keyed_router(incidents, prefix="/v2")
    takers: dict[str, tuple[Callable[..., Any], str]] = {
        "/alerts": (endpoints.create, "Take an alert as Opsgenie does"),
        "/alerts/{identifier:path}/close": (endpoints.close, "End an alert as Opsgenie does"),
        "/alerts/{identifier:path}/acknowledge": (endpoints.acknowledge, "Acknowledge an alert as Opsgenie does"),
    }
    for path, (take, summary) in takers.items():
        router.add_api_route(
            path,
            take,
            methods=["POST"],
            name=f"opsgenie_{take.__name__}",
            summary=summary,
            status_code=HTTPStatus.ACCEPTED,
            responses={202: {"model": Answer}, **_refusals(400, 401, 404, 408, 413, 415, 422, 503)},
            openapi_extra=_body({}, _JSON),
        )
    return router


def _open_routes(publisher: Publisher) -> APIRouter:
    router = APIRouter(responses=_refusals(431))

    @router.get("/livez", summary="Is the process alive?")
    async def livez() -> dict[str, str]:
        return {"status": "alive"}

    @router.get("/readyz", summary="Can it take incidents?", responses=_refusals(503))
    async def readyz() -> dict[str, str]:
        if reason := publisher.why_not_ready():
            raise Problem(HTTPStatus.SERVICE_UNAVAILABLE, reason, headers=retry_after(RETRY_AFTER))
        return {"status": "ready"} | publisher.spooled()

    @router.get("/v1/schema/event.json", summary="The JSON Schema of the event", response_class=SchemaResponse)
    async def schema_of_event() -> SchemaResponse:
        return SchemaResponse(event_schema())

    @router.get("/v1/schema/problem.json", summary="The JSON Schema of a refusal", response_class=SchemaResponse)
    async def schema_of_problem() -> SchemaResponse:
        return SchemaResponse(ProblemDocument.model_json_schema())

    @router.get("/docs", include_in_schema=False)
    async def docs(request: Request) -> HTMLResponse:
        return docs_page.page(request.app.openapi(), event_schema())

    return router


def _acknowledge_routes(endpoint: AcknowledgeEndpoint) -> APIRouter:
    """For the people who are sent there, and no sender."""
    router = APIRouter()
    router.add_api_route(PATH, endpoint.ask, methods=["GET"], include_in_schema=False, response_model=None)
    router.add_api_route(PATH, endpoint.acknowledge, methods=["POST"], include_in_schema=False, response_model=None)
    return router


def _calendar_routes(endpoint: CalendarEndpoint) -> APIRouter:
    """For the programs of people on call, and no sender; nothing is asked for but what stands in the address."""
    router = APIRouter()
    about = "An ETag says whether it changed; `tocsin roster ics PERSON --link` makes the address."
    for method, name in (("GET", "show_calendar"), ("HEAD", "head_calendar")):
        router.add_api_route(
            "/v1/on-call/calendars/{token}.ics",
            endpoint.show_calendar,
            methods=[method],
            name=name,
            summary="Show a person's shifts as a calendar",
            description=about,
            response_class=CalendarResponse,
            responses={304: {"description": "It is the one that is known already"}, **_refusals(404, 422, 431, 503)},
        )
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
    content = {MEDIA_TYPE: {"schema": openapi.PROBLEM}}
    also = _OF_AUTHENTICATION if HTTPStatus.UNAUTHORIZED in statuses else ()
    every = sorted({*statuses, *also})
    return {status: {"description": HTTPStatus(status).phrase, "content": content} for status in every}


def _body(schema: dict[str, Any], *media_types: str) -> dict[str, Any]:
    return {"requestBody": {"required": True, "content": {each: {"schema": schema} for each in media_types}}}
