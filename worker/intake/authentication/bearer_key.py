"""A key as `Authorization: Bearer <key>`, or as `GenieKey <key>`, as tools that speak Opsgenie send it."""

from dataclasses import dataclass

from fastapi import Request

from worker.intake.authentication.authenticator import Authenticated, credentials
from worker.intake.authentication.known_keys import Keys


@dataclass(frozen=True, slots=True)
class BearerKey:
    keys: Keys

    async def authenticate(self, request: Request) -> Authenticated | None:
        found = (credentials(request, scheme) for scheme in ("bearer", "geniekey"))
        key = next((key for key in found if key is not None), None)
        return None if key is None else self.keys.admit(key.encode("latin-1", "replace"))
