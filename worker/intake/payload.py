"""From the body of a call to the payload of an alert, in whatever wrapping it comes."""

import asyncio
from http import HTTPStatus
from typing import NamedTuple

import structlog
from starlette.requests import Request

from worker.alerts.cloudevents_binary import of_http
from worker.alerts.detection import LOOKED_FOR, detect
from worker.alerts.formats import FORMATS, datadog
from worker.domain.errors import Undecodable
from worker.domain.lenient_json import is_json
from worker.observability import telemetry
from worker.web.body import LARGEST_BODY, ORDINARY_BODY, Place, parse, read_body
from worker.web.problem import Problem

_FORM = "application/x-www-form-urlencoded"
_CLOUDEVENTS = "cloudevents"
_OF_CLOUDEVENTS = "application/cloudevents"

log = structlog.get_logger()


class Payload(NamedTuple):
    format_name: str
    content: object


async def read_payload(request: Request, format_name: str, place: Place) -> Payload:
    """Of a call that names its format; raises Problem."""
    if format_name not in FORMATS:
        raise Problem(HTTPStatus.NOT_FOUND, f"There is no such alert format; there are: {', '.join(FORMATS)}.")
    body = await _read(request, place)
    if format_name == _CLOUDEVENTS:
        return Payload(format_name, await _cloudevent(request, body))
    return Payload(format_name, await _parse(_unwrapped(request, body)))


async def read_payload_of_any_format(request: Request, place: Place) -> Payload:
    """Of a call that leaves it to us; raises Problem."""
    body = await _read(request, place)
    if _kind(request).startswith(_OF_CLOUDEVENTS) or "ce-specversion" in request.headers:
        return Payload(_CLOUDEVENTS, await _cloudevent(request, body))
    content = await _parse(_unwrapped(request, body))
    format_name = detect(content)
    if format_name is None:
        detail = f"The body is of no format that is known here. {LOOKED_FOR}"
        raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, detail)
    return Payload(format_name, content)


async def _read(request: Request, place: Place) -> bytes:
    """A group of alerts, or the results of a log query, is larger than one event of ours."""
    try:
        return await read_body(request, limit=LARGEST_BODY, place=place)
    except Problem as refusal:
        if refusal.status is HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
            log.error("intake.too_large", sender=request.state.sender, path=request.url.path[:200], limit=LARGEST_BODY)
            telemetry.alerts_left_out("body", 1)
        raise


async def _parse(body: bytes) -> object:
    """A storm must not keep those waiting who send one alert."""
    return await asyncio.to_thread(parse, body) if len(body) > ORDINARY_BODY else parse(body)


async def _cloudevent(request: Request, body: bytes) -> object:
    """In its structured form, in which it may have come."""
    kind = _kind(request)
    if kind.startswith(_OF_CLOUDEVENTS) and not kind.endswith("+json"):
        raise _unknown_type()
    if kind.startswith(_OF_CLOUDEVENTS):
        return await _parse(body)
    try:
        binary = of_http(request.headers, body)
    except Undecodable as error:
        raise Problem(HTTPStatus.BAD_REQUEST, str(error)) from None
    if binary is None and not is_json(kind):
        raise _unknown_type()
    return await _parse(body) if binary is None else binary


def _unknown_type() -> Problem:
    detail = (
        "Send a CloudEvent as application/cloudevents+json, several as application/cloudevents-batch+json, or its "
        "attributes as ce- headers beside the data."
    )
    return Problem(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, detail)


def _unwrapped(request: Request, body: bytes) -> bytes:
    """What calls itself a form often is none."""
    return (datadog.of_form(body) if _kind(request) == _FORM else None) or body


def _kind(request: Request) -> str:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()
