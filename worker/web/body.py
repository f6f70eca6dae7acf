"""A request's body: bounded while it is read, and made plain where it is compressed."""

import asyncio
from datetime import timedelta
from http import HTTPStatus

from starlette.requests import ClientDisconnect, Request

from worker.domain.compression import READABLE, Oversize, UnknownCoding, inflate
from worker.domain.errors import Undecodable
from worker.web.problem import Problem

# A Service Bus message of the Standard tier holds 256 KB, its properties and our own fields included.
BODY_LIMIT = 200_000
# Of any route: what is read before it is known whose it is.
LARGEST_BODY = 1_000_000
# Azure Monitor gives up after ten seconds; who is slower than this is not sending an alert.
TIME_LIMIT = timedelta(seconds=15)


async def read_body(request: Request, *, limit: int = BODY_LIMIT, within: timedelta = TIME_LIMIT) -> bytes:
    """The bytes as they are meant; raises Problem."""
    coding = request.headers.get("content-encoding", "")
    try:
        return inflate(await read_raw_body(request, limit=limit, within=within), coding, limit=limit)
    except UnknownCoding as error:
        headers = {"Accept-Encoding": ", ".join(READABLE)}
        raise Problem(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, str(error), headers=headers) from None
    except Oversize:
        raise _too_large(limit) from None
    except Undecodable as error:
        raise Problem(HTTPStatus.BAD_REQUEST, str(error)) from None


async def read_raw_body(request: Request, *, limit: int, within: timedelta = TIME_LIMIT) -> bytes:
    """The bytes as they were sent, however often they are asked for; raises Problem."""
    if not hasattr(request.state, "body"):
        request.state.body = await _receive(request, limit, within)
    if len(request.state.body) > limit:
        raise _too_large(limit)
    return bytes(request.state.body)


async def _receive(request: Request, limit: int, within: timedelta) -> bytes:
    try:
        async with asyncio.timeout(within.total_seconds()):
            return await _read_bounded(request, limit)
    except TimeoutError:
        detail = f"The body did not arrive within {within.total_seconds():.0f} seconds; send it again."
        raise Problem(HTTPStatus.REQUEST_TIMEOUT, detail, headers={"Connection": "close"}) from None
    except ClientDisconnect:
        raise Problem(HTTPStatus.BAD_REQUEST, "The connection was closed before the body was complete.") from None


async def _read_bounded(request: Request, limit: int) -> bytes:
    announced = request.headers.get("content-length", "")
    if announced.isdecimal() and int(announced[:20]) > limit:
        raise _too_large(limit)
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > limit:
            raise _too_large(limit)
    return bytes(body)


def _too_large(limit: int) -> Problem:
    detail = f"The body has more than {limit:,} bytes. Send the facts, and a link to the rest."
    return Problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, detail)
