"""A front door with every way to knock, and a tenant of Entra ID."""

import hashlib
from datetime import timedelta

import httpx
import pytest
from entra import AUDIENCE, TENANT, Entra

from worker.intake.app import create_intake
from worker.intake.unauthenticated import UnauthenticatedThrottle
from worker.settings import Settings

SECRETS = {"shop": "a secret of the shop", "grafana": "a secret of grafana"}


def hashed(key):
    return hashlib.sha256(key.encode("latin-1")).hexdigest()


class Threshold:
    """The app, what was published, and what went wrong with publishing."""

    def __init__(self, throttle=None, **settings):
        self.published = []
        self.histories = {}
        self.outage = None
        self.settings = Settings(_env_file=None, **settings)
        throttle = throttle or UnauthenticatedThrottle(delay=timedelta())
        app = create_intake(self.settings, self.publish, self.history, lambda: None, throttle=throttle)
        self.http = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost")

    async def publish(self, encoded):
        if self.outage:
            raise self.outage
        self.published.append(encoded.event)

    async def history(self, asked):
        return self.histories.get(asked)

    async def post(self, headers=(), content='{"title": "x"}', path="/v1/incidents"):
        return await self.http.post(path, content=content, headers=headers)


@pytest.fixture
async def entra():
    tenant = Entra()
    await tenant.open()
    yield tenant
    await tenant.close()


@pytest.fixture
def threshold():
    """How a front door with these settings is made."""
    return Threshold


@pytest.fixture
def door():
    """Two senders with keys, one of them with two, and two with secrets."""
    keys = (
        ("desk", hashed("old key of desk")),
        ("desk", hashed("new key of desk")),
        ("robot", hashed("key of r\xf6bot")),
    )
    return Threshold(intake_keys=keys, intake_signing_secrets=SECRETS)


@pytest.fixture
def entra_door(entra):
    """Keys, secrets and tokens of Entra ID are all taken."""
    return Threshold(
        intake_keys={"desk": hashed("new key of desk")},
        intake_signing_secrets=SECRETS,
        tenant_id=TENANT,
        intake_entra_audience=AUDIENCE,
        intake_entra_authority=entra.address,
    )
