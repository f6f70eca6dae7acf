"""Who is calling Graph: an application on its own, or a person through one; told apart by the token alone."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from worker.sandbox.world import World

DELEGATED_TOKEN = "sandbox-delegated-user"  # noqa: S105 - a word for stand-ins; it opens nothing
SERVICE_ACCOUNT_ID = "5e41ce00-0000-4000-8000-00000000acc7"
SERVICE_ACCOUNT_NAME = "Incident Desk"


@dataclass(frozen=True)
class Caller:
    id: str
    name: str
    delegated: bool

    def as_identity_set(self) -> dict[str, Any]:
        kind = {"userIdentityType": "aadUser"} if self.delegated else {"applicationIdentityType": "bot"}
        identity = {"id": self.id, "displayName": self.name, **kind}
        return {"application": None, "device": None, "user": None} | {
            "user" if self.delegated else "application": identity
        }


SERVICE_ACCOUNT = Caller(SERVICE_ACCOUNT_ID, SERVICE_ACCOUNT_NAME, delegated=True)


def caller_of(headers: Mapping[str, str], world: World) -> Caller:
    """Graph knows a person by the token's `scp` claim; without one the application speaks for itself."""
    scheme, _, token = headers.get("Authorization", "").partition(" ")
    application = Caller(world.bot_app_id, world.service.name, delegated=False)
    if scheme.lower() != "bearer":
        return application
    if token.strip() == DELEGATED_TOKEN:
        return SERVICE_ACCOUNT
    claims = _claims(token)
    if not claims.get("scp"):
        return application
    return Caller(
        id=str(claims.get("oid", SERVICE_ACCOUNT_ID))[:64],
        name=str(claims.get("name", SERVICE_ACCOUNT_NAME))[:256],
        delegated=True,
    )


def _claims(token: str) -> dict[str, Any]:
    # The signature is nobody's business here: the stand-in guards nothing.
    parts = token.strip().split(".")
    if len(parts) != 3:  # noqa: PLR2004 - header, payload, signature
        return {}
    padded = parts[1] + "=" * (-len(parts[1]) % 4)
    try:
        claims = json.loads(base64.urlsafe_b64decode(padded))
    except (binascii.Error, ValueError, RecursionError):
        return {}
    return claims if isinstance(claims, dict) else {}
