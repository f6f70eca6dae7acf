"""A request's body: bounded while it is read, and made plain where it is compressed."""

import asyncio
from datetime import timedelta
from http import HTTPStatus

from starlette.requests import ClientDisconnect, Request

from worker.domain.compression import READABLE, Oversize, UnknownCoding, inflate
from worker.domain.errors import Undecodable
from worker.web.admission import KNOWN_BYTES, Visit, visit_of
from worker.web.problem import Problem

# A Service Bus message of the Standard tier holds 256 KB, its properties and our own fields included.
BODY_LIMIT = 200_000
# A storm in one call: eight thousand alerts of ordinary size.
LARGEST_BODY = 8_000_000
# An object of one field takes a quarter of a kilobyte, and eight bytes of a body.
_OF_A_PART = 24
# Azure Monitor gives up after ten seconds; who is slower than this is not sending an alert.
TIME_LIMIT = timedelta(seconds=15)


async def read_body(request: Request, *, limit: int = BODY_LIMIT, within: timedelta = TIME_LIMIT) -> bytes:
    """The bytes as they are meant; raises Problem."""
    body = await read_raw_body(request, limit=limit, within=within)
    try:
        plain = inflate(body, request.headers.get("content-encoding", ""), limit=limit)
    except UnknownCoding as error:
        headers = {"Accept-Encoding": ", ".join(READABLE)}
        raise Problem(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, str(error), headers=headers) from None
    except Oversize:
        raise _too_large(limit) from None
    except Undecodable as error:
        raise Problem(HTTPStatus.BAD_REQUEST, str(error)) from None
    weight = _weight(plain)
    if weight > KNOWN_BYTES:
        raise Problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "The body has more parts than are read of one; send fewer.")
    visit_of(request).hold(weight if plain is body else weight + len(body))
    return plain


async def read_raw_body(request: Request, *, limit: int, within: timedelta = TIME_LIMIT) -> bytes:
    """The bytes as they were sent, however often they are asked for; raises Problem."""
    if not hasattr(request.state, "body"):
        request.state.body = await _receive(request, limit, within)
    if len(request.state.body) > limit:
        raise _too_large(limit)
    return bytes(request.state.body)


def let_go(request: Request) -> None:
    """Nothing of the body is needed any more, while its sender waits for the answer."""
    request.state.body = b""
    visit_of(request).leave()


async def _receive(request: Request, limit: int, within: timedelta) -> bytes:
    visit = visit_of(request)
    try:
        async with asyncio.timeout(within.total_seconds()) as deadline:
            with visit.reading(deadline):
                return await _read_bounded(request, limit, visit)
    except TimeoutError:
        visit.check_ended()
        detail = f"The body did not arrive within {within.total_seconds():.0f} seconds; send it again."
        raise Problem(HTTPStatus.REQUEST_TIMEOUT, detail, headers={"Connection": "close"}) from None
    except ClientDisconnect:
        raise Problem(HTTPStatus.BAD_REQUEST, "The connection was closed before the body was complete.") from None


async def _read_bounded(request: Request, limit: int, visit: Visit) -> bytes:
    announced = request.headers.get("content-length", "")
    if announced.isdecimal():
        _check_size(int(announced[:20]), limit)
        visit.expect(int(announced[:20]))
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        _check_size(len(body), limit)
        visit.hold(len(body))
    return bytes(body)


def _check_size(size: int, limit: int) -> None:
    if size > limit:
        raise _too_large(limit)


def _weight(body: bytes) -> int:
    """In bytes of an ordinary body, which become tenfold when they are read; a small object becomes much more."""
    return len(body) + _OF_A_PART * (body.count(b"{") + body.count(b"["))


def _too_large(limit: int) -> Problem:
    detail = f"The body has more than {limit:,} bytes. Send the facts, and a link to the rest."
    return Problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, detail)
