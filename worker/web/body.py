"""A request's body: bounded while it is read, and made plain where it is compressed."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from http import HTTPStatus

from starlette.requests import ClientDisconnect, Request

from worker.domain.compression import READABLE, Oversize, UnknownCoding, inflate
from worker.domain.errors import Undecodable
from worker.web.problem import Problem

# A Service Bus message of the Standard tier holds 256 KB, its properties and our own fields included.
BODY_LIMIT = 200_000
# Of alerts; any sender may have so much on its way at once.
ORDINARY_BODY = 1_000_000
# A storm in one call: eight thousand alerts of ordinary size.
LARGEST_BODY = 8_000_000
# Azure Monitor gives up after ten seconds; who is slower than this is not sending an alert.
TIME_LIMIT = timedelta(seconds=15)


class Room:
    """For bodies that are larger than ordinary: a few at once, since each takes ten times its size to be read."""

    def __init__(self, at_once: int = 4) -> None:
        self._left = at_once

    @contextmanager
    def for_one(self) -> Iterator["Place"]:
        place = Place(self)
        try:
            yield place
        finally:
            self._left += place.taken

    def take(self) -> None:
        if self._left == 0:
            detail = "Bodies of more than a megabyte are read few at a time; send it again."
            raise Problem(HTTPStatus.SERVICE_UNAVAILABLE, detail, headers={"Retry-After": "5"})
        self._left -= 1


class Place:
    def __init__(self, room: Room) -> None:
        self._room = room
        self.taken = 0

    def check(self, size: int) -> None:
        """Raises Problem where a body of this size has no room just now."""
        if size > ORDINARY_BODY and not self.taken:
            self._room.take()
            self.taken = 1


async def read_body(
    request: Request, *, limit: int = BODY_LIMIT, within: timedelta = TIME_LIMIT, place: Place | None = None
) -> bytes:
    """The bytes as they are meant; raises Problem."""
    body = await read_raw_body(request, limit=limit, within=within, place=place)
    try:
        plain = inflate(body, request.headers.get("content-encoding", ""), limit=limit)
    except UnknownCoding as error:
        headers = {"Accept-Encoding": ", ".join(READABLE)}
        raise Problem(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, str(error), headers=headers) from None
    except Oversize:
        raise _too_large(limit) from None
    except Undecodable as error:
        raise Problem(HTTPStatus.BAD_REQUEST, str(error)) from None
    _check_place(len(plain), place)
    return plain


async def read_raw_body(
    request: Request, *, limit: int, within: timedelta = TIME_LIMIT, place: Place | None = None
) -> bytes:
    """The bytes as they were sent, however often they are asked for; raises Problem. More than ordinary has a place."""
    if not hasattr(request.state, "body"):
        request.state.body = await _receive(request, limit, within, place)
    if len(request.state.body) > limit:
        raise _too_large(limit)
    _check_place(len(request.state.body), place)
    return bytes(request.state.body)


async def _receive(request: Request, limit: int, within: timedelta, place: Place | None) -> bytes:
    try:
        async with asyncio.timeout(within.total_seconds()):
            return await _read_bounded(request, limit, place)
    except TimeoutError:
        detail = f"The body did not arrive within {within.total_seconds():.0f} seconds; send it again."
        raise Problem(HTTPStatus.REQUEST_TIMEOUT, detail, headers={"Connection": "close"}) from None
    except ClientDisconnect:
        raise Problem(HTTPStatus.BAD_REQUEST, "The connection was closed before the body was complete.") from None


async def _read_bounded(request: Request, limit: int, place: Place | None) -> bytes:
    announced = request.headers.get("content-length", "")
    if announced.isdecimal():
        _check_size(int(announced[:20]), limit, place)
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        _check_size(len(body), limit, place)
    return bytes(body)


def _check_size(size: int, limit: int, place: Place | None) -> None:
    if size > limit:
        raise _too_large(limit)
    _check_place(size, place)


def _check_place(size: int, place: Place | None) -> None:
    if place is not None:
        place.check(size)


def _too_large(limit: int) -> Problem:
    detail = f"The body has more than {limit:,} bytes. Send the facts, and a link to the rest."
    return Problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, detail)
