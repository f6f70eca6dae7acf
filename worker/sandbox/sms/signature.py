"""Who may send: whoever signs the request with the resource's access key, or brings a token."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from urllib.parse import unquote

from aiohttp import web

# A word for stand-ins; it opens nothing.
ACCESS_KEY = base64.b64encode(b"the sandbox's own access key").decode()

_SIGNED = "x-ms-date;host;x-ms-content-sha256"
_AUTHORIZATION = re.compile(rf"HMAC-SHA256 SignedHeaders={re.escape(_SIGNED)}&Signature=([A-Za-z0-9+/]{{43}}=)")
_SKEW = timedelta(minutes=15)


async def is_authorized(request: web.Request, now: datetime) -> bool:
    """By a signature that is ours for just this request, or by any token: nobody issues tokens here."""
    authorization = request.headers.get("Authorization", "")
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() == "bearer":
        return bool(token.strip())
    given = _AUTHORIZATION.fullmatch(authorization)
    if given is None or not _is_recent(request.headers.get("x-ms-date", ""), now):
        return False
    if request.headers.get("x-ms-content-sha256") != _content_hash(await request.read()):
        return False
    return any(hmac.compare_digest(given[1], expected) for expected in _signatures(request))


def _signatures(request: web.Request) -> Iterator[str]:
    """Of the address as it was sent, and decoded: the SDK is told by its caller which of the two to sign."""
    signed = ";".join(request.headers.get(name, "") for name in _SIGNED.split(";"))
    for address in (request.raw_path, unquote(request.raw_path)):
        text = f"{request.method}\n{address}\n{signed}"
        digest = hmac.digest(base64.b64decode(ACCESS_KEY), text.encode(), "sha256")
        yield base64.b64encode(digest).decode()


def _content_hash(body: bytes) -> str:
    return base64.b64encode(hashlib.sha256(body).digest()).decode()


def _is_recent(date: str, now: datetime) -> bool:
    try:
        return abs(parsedate_to_datetime(date) - now) <= _SKEW
    except (ValueError, TypeError):  # no date, or one of no time zone
        return False
