"""What the contract tests of SMS share: the served stand-in with a clock, and a caller that signs as Azure asks."""

import base64
import hashlib
import hmac
import json
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from patience import LIMIT

from worker.sandbox.harness.server import SandboxServer
from worker.sandbox.sms import Sms
from worker.sandbox.world import DEFAULT_WORLD

ADDRESS = "/sms/sms?api-version=2021-03-07"


@dataclass
class SetClock:
    now: datetime = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def move(self, by: timedelta) -> None:
        self.now += by


@dataclass
class Served:
    server: SandboxServer
    sms: Sms
    clock: SetClock
    http: httpx.AsyncClient

    @property
    def key(self) -> str:
        connection = self.server.settings()["sms_connection_string"]
        return connection.partition(";accesskey=")[2]

    def signed(self, body: bytes, *, address: str = ADDRESS, key: str | None = None) -> dict[str, str]:
        """The headers that prove a request, as Microsoft's page on signing says."""
        date = format_datetime(self.clock(), usegmt=True)
        content = base64.b64encode(hashlib.sha256(body).digest()).decode()
        text = f"POST\n{address}\n{date};{self.http.base_url.netloc.decode()};{content}"
        digest = hmac.digest(base64.b64decode(key or self.key), text.encode(), "sha256")
        signature = base64.b64encode(digest).decode()
        return {
            "x-ms-date": date,
            "x-ms-content-sha256": content,
            "Authorization": f"HMAC-SHA256 SignedHeaders=x-ms-date;host;x-ms-content-sha256&Signature={signature}",
        }

    async def post(self, wish: Any) -> httpx.Response:
        body = json.dumps(wish).encode()
        return await self.http.post(ADDRESS, content=body, headers=self.signed(body))

    def repeatable(self, to: str) -> dict[str, str]:
        """A recipient with an id of its own, first sent now."""
        first_sent = format_datetime(self.clock(), usegmt=True)
        return {"to": to, "repeatabilityRequestId": str(uuid.uuid4()), "repeatabilityFirstSent": first_sent}

    async def send(self, *recipients: dict[str, str], **more: Any) -> list[dict[str, Any]]:
        answer = await self.post(wish(*recipients, **more))
        assert answer.status_code == 202, answer.text
        return list(answer.json()["value"])


def wish(*recipients: dict[str, str], **more: Any) -> dict[str, Any]:
    return {
        "from": DEFAULT_WORLD.sms_from,
        "smsRecipients": list(recipients),
        "message": "Checkout is down",
        "smsSendOptions": {"enableDeliveryReport": False, "tag": "inc-1"},
        **more,
    }


@asynccontextmanager
async def serving(data: Path | None = None, clock: SetClock | None = None) -> AsyncIterator[Served]:
    clock = clock or SetClock()
    sms = Sms(DEFAULT_WORLD, clock=clock)
    server = await SandboxServer.start([sms], data=data)
    async with httpx.AsyncClient(base_url=server.url, verify=False, timeout=LIMIT) as http:
        yield Served(server, sms, clock, http)
    await server.close()


@pytest.fixture
async def served() -> AsyncIterator[Served]:
    async with serving() as served:
        yield served


@pytest.fixture
def restartable(tmp_path: Path) -> Any:
    """Each call serves the stand-in anew from the same folder, with the clock going on."""
    clock = SetClock()
    return lambda: serving(tmp_path, clock)


@pytest.fixture
def amara() -> Any:
    return DEFAULT_WORLD.people[0]
