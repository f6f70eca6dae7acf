"""From the body of a call to the payload of an alert, in whatever wrapping it comes."""

from collections.abc import Callable
from http import HTTPStatus
from typing import NamedTuple

from starlette.requests import Request

from worker.alerts import appearance
from worker.alerts.cloudevents_binary import of_http
from worker.alerts.content import read_content, read_contents
from worker.alerts.detection import LOOKED_FOR, detect
from worker.alerts.formats import FORMATS, datadog
from worker.domain.compression import Oversize
from worker.domain.errors import Undecodable
from worker.domain.lenient_json import is_json
from worker.intake.event_grid_handshake import validation_code
from worker.web.body import BODY_LIMIT, read_body
from worker.web.problem import Problem

# A group of alerts, or the results of a log query, is larger than one event of ours.
_BODY_LIMIT = 1_000_000
_FORM = "application/x-www-form-urlencoded"
_CLOUDEVENTS = "cloudevents"
_OF_CLOUDEVENTS = "application/cloudevents"


class Payload(NamedTuple):
    format_name: str | None  # None for a list whose parts each say what they are
    content: object


async def read_json(request: Request, *, limit: int = BODY_LIMIT) -> object:
    """The one value in the body; raises Problem."""
    return _content(request, await read_body(request, limit=limit), read=read_content)


async def read_payload(request: Request, format_name: str) -> Payload:
    """Of a call that names its format; raises Problem."""
    if format_name not in FORMATS:
        raise Problem(HTTPStatus.NOT_FOUND, f"There is no such alert format; there are: {', '.join(FORMATS)}.")
    body = await read_body(request, limit=_BODY_LIMIT)
    if format_name == _CLOUDEVENTS:
        return Payload(format_name, _cloudevent(request, body))
    return Payload(format_name, _content(request, _unwrapped(request, body)))


async def read_payload_of_any_format(request: Request) -> Payload:
    """Of a call that leaves it to us; raises Problem."""
    body = await read_body(request, limit=_BODY_LIMIT)
    if _kind(request).startswith(_OF_CLOUDEVENTS) or "ce-specversion" in request.headers:
        return Payload(_CLOUDEVENTS, _cloudevent(request, body))
    content = _content(request, _unwrapped(request, body))
    format_name = detect(content)
    parts = content if isinstance(content, list) else ()
    if format_name is None and not any(detect(part) for part in parts) and not validation_code(content):
        detail = f"The body is of no format that is known here. {appearance.of_value(content)} {LOOKED_FOR}"
        raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, detail)
    return Payload(format_name, content)


def _cloudevent(request: Request, body: bytes) -> object:
    """In its structured form, in which it may have come."""
    kind = _kind(request)
    if kind.startswith(_OF_CLOUDEVENTS) and not kind.endswith("+json"):
        raise _unknown_type()
    if kind.startswith(_OF_CLOUDEVENTS):
        return _content(request, body)
    try:
        binary = of_http(request.headers, body)
    except Undecodable as error:
        raise Problem(HTTPStatus.BAD_REQUEST, str(error)) from None
    if binary is None and not is_json(kind):
        raise _unknown_type()
    return _content(request, body) if binary is None else binary


def _unknown_type() -> Problem:
    detail = (
        "Send a CloudEvent as application/cloudevents+json, several as application/cloudevents-batch+json, or its "
        "attributes as ce- headers beside the data."
    )
    return Problem(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, detail)


def _content(request: Request, body: bytes, *, read: Callable[..., object] = read_contents) -> object:
    try:
        return read(body, content_type=request.headers.get("content-type", ""))
    except Oversize as error:
        raise Problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, str(error)) from None
    except Undecodable as error:
        raise Problem(HTTPStatus.BAD_REQUEST, str(error)) from None


def _unwrapped(request: Request, body: bytes) -> bytes:
    """What calls itself a form often is none."""
    return (datadog.of_form(body) if _kind(request) == _FORM else None) or body


def _kind(request: Request) -> str:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()
