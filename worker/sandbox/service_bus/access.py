"""Shared access signatures: who may use which queue, and until when."""

import hashlib
import hmac
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import parse_qsl

from worker.sandbox.service_bus.addresses import path_of
from worker.sandbox.service_bus.conditions import UNAUTHORIZED, Refusal

_PREFIX = "SharedAccessSignature "


@dataclass(frozen=True, slots=True)
class Grant:
    path: str
    expires_at: float

    def covers(self, entity: str, now: float) -> bool:
        return now < self.expires_at and f"{entity}/".startswith(f"{self.path}/" if self.path else "")


def _now() -> float:
    return datetime.now(UTC).timestamp()


@dataclass(frozen=True, slots=True)
class Access:
    """One key; tokens live by the clock on the wall, for clients sign with theirs, not with that of the queues."""

    key_name: str
    key: str = field(repr=False)
    now: Callable[[], float] = _now

    def grant(self, token: object, audience: object) -> Grant:
        if not isinstance(token, str) or not isinstance(audience, str) or not token.startswith(_PREFIX):
            raise _denied("Only shared access signatures are taken here: put a key into the connection string")
        claims = _claims(token)
        granted = Grant(path_of(claims.get("sr", "")), _expiry(claims.get("se", "")))
        if not self._signed(token, claims):
            raise _denied("The token is not signed with the key of this queue: compare the connection strings")
        if not granted.covers(path_of(audience), self.now()):
            raise _denied("The token is expired, or is for another queue than it was presented for")
        return Grant(path_of(audience), granted.expires_at)

    def _signed(self, token: str, claims: dict[str, str]) -> bool:
        resource = token.partition("sr=")[2].partition("&")[0]
        signed = hmac.digest(self.key.encode(), f"{resource}\n{claims.get('se', '')}".encode(), hashlib.sha256)
        given = claims.get("sig", "").encode()
        return claims.get("skn") == self.key_name and hmac.compare_digest(b64encode(signed), given)


def _claims(token: str) -> dict[str, str]:
    try:
        return dict(parse_qsl(token.removeprefix(_PREFIX), max_num_fields=10))
    except ValueError:
        return {}


def _expiry(text: str) -> float:
    try:
        return float(int(text))
    except (ValueError, OverflowError):
        return 0.0


def _denied(sentence: str) -> Refusal:
    return Refusal(UNAUTHORIZED, f"{sentence}.", status=401)
