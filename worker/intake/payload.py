"""From the body of a call to the payload of an alert, in whatever wrapping it comes."""

import asyncio
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import NamedTuple

import structlog
from starlette.requests import Request

from worker.alerts import appearance
from worker.alerts.cloudevents_binary import of_http
from worker.alerts.content import read_content, read_contents
from worker.alerts.detection import detect, looked_for, meant
from worker.alerts.format import Format
from worker.alerts.formats import datadog
from worker.domain.compression import Oversize
from worker.domain.errors import Undecodable
from worker.domain.lenient_json import is_json
from worker.intake.event_grid_handshake import validation_code
from worker.observability import telemetry
from worker.web.admission import ORDINARY_BODY
from worker.web.body import BODY_LIMIT, LARGEST_BODY, read_body
from worker.web.problem import Problem

_FORM = "application/x-www-form-urlencoded"
_CLOUDEVENTS = "cloudevents"
_OF_CLOUDEVENTS = "application/cloudevents"

log = structlog.get_logger()


class Payload(NamedTuple):
    format_name: str | None  # None for a list whose parts each say what they are
    content: object
    addressed: str | None = None  # as which it was sent, where it is of another format


async def read_json(request: Request, *, limit: int = BODY_LIMIT, empty: object = None) -> object:
    """The one value in the body, or what an `empty` one stands for; raises Problem."""
    body = await read_body(request, limit=limit)
    if empty is not None and not body.strip():
        return empty
    return await _content(request, body, read=read_content)


async def read_payload(request: Request, format_name: str, formats: Mapping[str, Format]) -> Payload:
    """Of a call that names its format; raises Problem."""
    if format_name not in formats:
        raise Problem(HTTPStatus.NOT_FOUND, f"There is no such alert format; there are: {', '.join(formats)}.")
    body = await _read(request)
    is_cloud = format_name == _CLOUDEVENTS
    content = await _cloudevent(request, body) if is_cloud else await _content(request, _unwrapped(request, body))
    found = meant(format_name, content, formats)
    return Payload(found, content, format_name if found != format_name else None)


async def read_payload_of_any_format(request: Request, formats: Mapping[str, Format]) -> Payload:
    """Of a call that leaves it to us; raises Problem."""
    body = await _read(request)
    if _kind(request).startswith(_OF_CLOUDEVENTS) or "ce-specversion" in request.headers:
        return Payload(_CLOUDEVENTS, await _cloudevent(request, body))
    content = await _content(request, _unwrapped(request, body))
    format_name = detect(content, formats)
    parts = content if isinstance(content, list) else ()
    if format_name is None and not any(detect(part, formats) for part in parts) and not validation_code(content):
        detail = f"The body is of no format that is known here. {appearance.of_value(content)} {looked_for(formats)}"
        raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, detail)
    return Payload(format_name, content)


async def _read(request: Request) -> bytes:
    """A group of alerts, or the results of a log query, is larger than one event of ours."""
    try:
        return await read_body(request, limit=LARGEST_BODY)
    except Problem as refusal:
        if refusal.status is not HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
            raise
        log.error("intake.too_large", sender=request.state.sender, path=request.url.path[:200], limit=LARGEST_BODY)
        telemetry.alerts_left_out("body", 1)
        detail = (
            f"The body has more than {LARGEST_BODY:,} bytes, and none of it was read. Let fewer alerts be sent at once"
        )
        raise Problem(refusal.status, f"{detail} (max_alerts in Alertmanager, Max Alerts in Grafana).") from None


async def _cloudevent(request: Request, body: bytes) -> object:
    """In its structured form, in which it may have come."""
    kind = _kind(request)
    if kind.startswith(_OF_CLOUDEVENTS) and not kind.endswith("+json"):
        raise _unknown_type()
    if kind.startswith(_OF_CLOUDEVENTS):
        return await _content(request, body)
    try:
        binary = of_http(request.headers, body)
    except Undecodable as error:
        raise Problem(HTTPStatus.BAD_REQUEST, str(error)) from None
    if binary is None and not is_json(kind):
        raise _unknown_type()
    return await _content(request, body) if binary is None else binary


def _unknown_type() -> Problem:
    detail = (
        "Send a CloudEvent as application/cloudevents+json, several as application/cloudevents-batch+json, or its "
        "attributes as ce- headers beside the data."
    )
    return Problem(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, detail)


async def _content(request: Request, body: bytes, *, read: Callable[..., object] = read_contents) -> object:
    """A storm must not keep those waiting who send one alert."""
    content_type = request.headers.get("content-type", "")
    try:
        if len(body) > ORDINARY_BODY:
            return await asyncio.to_thread(read, body, content_type=content_type)
        return read(body, content_type=content_type)
    except Oversize as error:
        raise Problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, str(error)) from None
    except Undecodable as error:
        raise Problem(HTTPStatus.BAD_REQUEST, str(error)) from None


def _unwrapped(request: Request, body: bytes) -> bytes:
    """What calls itself a form often is none."""
    return (datadog.of_form(body) if _kind(request) == _FORM else None) or body


def _kind(request: Request) -> str:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()
