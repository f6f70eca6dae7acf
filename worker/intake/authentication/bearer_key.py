"""A key as `Authorization: Bearer <key>`."""

from dataclasses import dataclass

from fastapi import Request

from worker.intake.authentication.authenticator import Authenticated, credentials
from worker.intake.authentication.known_keys import Keys


@dataclass(frozen=True, slots=True)
class BearerKey:
    keys: Keys

    async def authenticate(self, request: Request) -> Authenticated | None:
        key = credentials(request, "bearer")
        return None if key is None else self.keys.admit(key.encode("latin-1", "replace"))
