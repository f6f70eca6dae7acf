"""A key as the password of basic authentication, for senders that only know an address: https://name:key@host/."""

import base64
import binascii
from dataclasses import dataclass

from fastapi import Request

from worker.intake.authentication.authenticator import Authenticated, NotAuthenticated, credentials
from worker.intake.authentication.known_keys import Keys


@dataclass(frozen=True, slots=True)
class BasicAuth:
    keys: Keys

    async def authenticate(self, request: Request) -> Authenticated | None:
        given = credentials(request, "basic")
        return None if given is None else self.keys.admit(_password(given))


def _password(given: str) -> bytes:
    try:
        return base64.b64decode(given, validate=True).partition(b":")[2]
    except (binascii.Error, ValueError):
        raise NotAuthenticated("what follows Basic is not base64") from None
