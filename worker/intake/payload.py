"""From the body of a call to the payload of an alert, in whatever wrapping it comes."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import NamedTuple

from starlette.requests import Request

from worker.alerts.cloudevents_binary import of_http
from worker.alerts.detection import detect, looked_for, meant
from worker.alerts.format import Format
from worker.alerts.formats import datadog
from worker.domain.errors import Undecodable
from worker.domain.lenient_json import is_json
from worker.web.body import parse, read_body
from worker.web.problem import Problem

# A group of alerts, or the results of a log query, is larger than one event of ours.
_BODY_LIMIT = 1_000_000
_FORM = "application/x-www-form-urlencoded"
_CLOUDEVENTS = "cloudevents"
_OF_CLOUDEVENTS = "application/cloudevents"


class Payload(NamedTuple):
    """`addressed`: the format as which it was sent, where it is of another one."""

    format_name: str
    content: object
    addressed: str | None = None


async def read_payload(request: Request, format_name: str, formats: Mapping[str, Format]) -> Payload:
    """Of a call that names its format; raises Problem."""
    if format_name not in formats:
        raise Problem(HTTPStatus.NOT_FOUND, f"There is no such alert format; there are: {', '.join(formats)}.")
    body = await read_body(request, limit=_BODY_LIMIT)
    content = _cloudevent(request, body) if format_name == _CLOUDEVENTS else parse(_unwrapped(request, body))
    found = meant(format_name, content, formats)
    return Payload(found, content, format_name if found != format_name else None)


async def read_payload_of_any_format(request: Request, formats: Mapping[str, Format]) -> Payload:
    """Of a call that leaves it to us; raises Problem."""
    body = await read_body(request, limit=_BODY_LIMIT)
    if _kind(request).startswith(_OF_CLOUDEVENTS) or "ce-specversion" in request.headers:
        return Payload(_CLOUDEVENTS, _cloudevent(request, body))
    content = parse(_unwrapped(request, body))
    format_name = detect(content, formats)
    if format_name is None:
        detail = f"The body is of no format that is known here. {looked_for(formats)}"
        raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, detail)
    return Payload(format_name, content)


def _cloudevent(request: Request, body: bytes) -> object:
    """In its structured form, in which it may have come."""
    kind = _kind(request)
    if kind.startswith(_OF_CLOUDEVENTS) and not kind.endswith("+json"):
        raise _unknown_type()
    if kind.startswith(_OF_CLOUDEVENTS):
        return parse(body)
    try:
        binary = of_http(request.headers, body)
    except Undecodable as error:
        raise Problem(HTTPStatus.BAD_REQUEST, str(error)) from None
    if binary is None and not is_json(kind):
        raise _unknown_type()
    return parse(body) if binary is None else binary


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
