"""A body that its sender signed with a shared secret, and a moment that may have been signed with it."""

import hashlib
import hmac
import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from fastapi import Request
from pydantic import SecretStr

from worker.intake.authentication.authenticator import Authenticated, NotAuthenticated, header
from worker.intake.authentication.replay_cache import Replays
from worker.web.admission import ORDINARY_BODY
from worker.web.body import LARGEST_BODY, read_raw_body

# As far as clocks may be apart, and as long as a signed request that somebody copied is good for anything.
WINDOW = timedelta(minutes=5)
# Where many alerts come in one call.
_OF_ALERTS = ("/v1/alerts", "/v1/events")
_MOMENT = re.compile(r"[0-9]{1,12}")


@dataclass(frozen=True, slots=True)
class Scheme:
    header: str
    # Of the signature; its first group are the hexadecimal digits.
    form: re.Pattern[str]
    timestamp_header: str
    separator: bytes
    needs_timestamp: bool
    description: str


class SignedBody:
    def __init__(
        self,
        scheme: Scheme,
        secrets: Sequence[tuple[str, SecretStr]],
        replays: Replays,
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._scheme = scheme
        self._secrets = tuple((name, secret.get_secret_value().encode()) for name, secret in secrets)
        self._replays = replays
        self._clock = clock

    async def authenticate(self, request: Request) -> Authenticated | None:
        if (given := header(request, self._scheme.header)) is None:
            return None
        # Whatever can be seen before the body is read costs a stranger nothing but a header.
        digest = self._digest(given)
        moment = self._moment(request)
        body = await read_raw_body(request, limit=_limit(request))
        sender = self._signer(body if moment is None else moment.encode() + self._scheme.separator + body, digest)
        if moment is None:
            return Authenticated(sender)
        if not self._replays.claim(digest, now=self._clock(), until=int(moment) + WINDOW.total_seconds()):
            raise NotAuthenticated("this signed request was taken before")
        return Authenticated(sender, replay_key=digest, forget=lambda: self._replays.release(digest))

    def _digest(self, given: str) -> str:
        if not (match := self._scheme.form.fullmatch(given)):
            raise NotAuthenticated(f"the header {self._scheme.header} holds no signature")
        return match[1].lower()

    def _moment(self, request: Request) -> str | None:
        name = self._scheme.timestamp_header
        given = header(request, name)
        if given is None and not self._scheme.needs_timestamp:
            return None
        if given is None or not _MOMENT.fullmatch(given):
            raise NotAuthenticated(f"the header {name} holds no seconds since 1970")
        apart = int(given) - self._clock()
        if abs(apart) > WINDOW.total_seconds():
            raise NotAuthenticated(f"the header {name} is {abs(apart):.0f} s {'ahead' if apart > 0 else 'ago'}")
        return given

    def _signer(self, content: bytes, digest: str) -> str:
        signers = [
            name
            for name, secret in self._secrets
            if hmac.compare_digest(hmac.new(secret, content, hashlib.sha256).hexdigest(), digest)
        ]
        if not signers:
            raise NotAuthenticated(f"the header {self._scheme.header} is of another body or by another secret")
        return signers[0]


def _limit(request: Request) -> int:
    return LARGEST_BODY if request.url.path.startswith(_OF_ALERTS) else ORDINARY_BODY
