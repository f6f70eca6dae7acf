"""A key in the address, as `?access_token=<key>`: what the webhooks of CloudEvents do without a header."""

from dataclasses import dataclass

from fastapi import Request

from worker.intake.authentication.authenticator import Authenticated, NotAuthenticated
from worker.intake.authentication.known_keys import Keys


@dataclass(frozen=True, slots=True)
class AccessToken:
    keys: Keys

    async def authenticate(self, request: Request) -> Authenticated | None:
        given = request.query_params.getlist("access_token")
        if len(given) > 1:
            raise NotAuthenticated("the parameter access_token stands twice")
        return self.keys.admit(given[0].encode(errors="replace")) if given else None
