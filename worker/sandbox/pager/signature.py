"""Signatures as Standard Webhooks have them: over the id, the moment and the body, with a secret that both know."""

from __future__ import annotations

import base64
import hmac
from collections.abc import Mapping
from datetime import datetime, timedelta

# A word for stand-ins; it opens nothing.
SECRET = "whsec_" + base64.b64encode(b"the sandbox's own webhook secret").decode()

TOLERANCE = timedelta(minutes=5)


def is_signed(headers: Mapping[str, str], body: bytes) -> bool:
    """By any of the signatures that it brings: a sender that changes its secret signs with both for a while."""
    signed = f"{headers.get('webhook-id', '')}.{headers.get('webhook-timestamp', '')}.".encode() + body
    digest = hmac.digest(base64.b64decode(SECRET.removeprefix("whsec_")), signed, "sha256")
    expected = f"v1,{base64.b64encode(digest).decode()}".encode()
    given = headers.get("webhook-signature", "").encode("utf-8", "surrogateescape").split()
    return any(hmac.compare_digest(each, expected) for each in given)


def is_recent(headers: Mapping[str, str], now: datetime) -> bool:
    text = headers.get("webhook-timestamp", "")
    if not (text.isascii() and text.isdecimal() and len(text) <= 12):  # noqa: PLR2004
        return False
    return abs(int(text) - now.timestamp()) <= TOLERANCE.total_seconds()
