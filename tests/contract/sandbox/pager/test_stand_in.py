"""A pager's webhook: takes what is signed, once, and shows it."""

import base64
import hmac
import json
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from patience import LIMIT

from worker.sandbox.harness.server import SandboxServer
from worker.sandbox.pager import Pager

BODY = json.dumps({"summary": "Checkout is down"}).encode()
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@asynccontextmanager
async def serving(data=None):
    pager = Pager(clock=lambda: NOW)
    server = await SandboxServer.start([pager], data=data)
    async with httpx.AsyncClient(base_url=server.url, verify=False, timeout=LIMIT) as http:
        yield server, pager, http
    await server.close()


@pytest.fixture
async def served():
    async with serving() as served:
        yield served


def signed(server, body=BODY, *, call="inc-1:amara", at=NOW, secret=None):
    """The headers of Standard Webhooks, by the secret of the sandbox's own settings unless another is given."""
    secret = secret or server.settings()["paging_webhook_secrets"].partition("=whsec_")[2]
    stamp = str(int(at.timestamp()))
    digest = hmac.digest(base64.b64decode(secret), f"{call}.{stamp}.".encode() + body, "sha256")
    signature = f"v1,{base64.b64encode(digest).decode()}"
    return {"webhook-id": call, "webhook-timestamp": stamp, "webhook-signature": signature}


async def test_a_signed_call_is_accepted_and_kept(served):
    """It is in the state with its JSON, its name, its id and its time."""
    server, _, http = served
    headers = {"Content-Type": "application/json", "Idempotency-Key": "inc-1:amara"}

    answer = await http.post("/pager/pager", content=BODY, headers=signed(server) | headers)

    (call,) = (await http.get("/sandbox/state")).json()["pager"]["calls"]
    assert (answer.status_code, answer.json()) == (202, {"status": "accepted"})
    assert (call["name"], call["id"], call["body"]) == ("pager", "inc-1:amara", json.loads(BODY))
    assert call["time"] == "2026-03-02T09:00:00.000+00:00"
    assert call["headers"].items() >= headers.items()
    assert "webhook-signature" not in call["headers"]


async def test_a_repeat_is_answered_and_not_kept_twice(served):
    """The same id again is a duplicate; another id, or the same at another pager, is a call of its own."""
    server, pager, http = served
    await http.post("/pager/pager", content=BODY, headers=signed(server))

    again = await http.post("/pager/pager", content=BODY, headers=signed(server))
    others = [
        await http.post("/pager/pager", content=BODY, headers=signed(server, call="inc-2:amara")),
        await http.post("/pager/second", content=BODY, headers=signed(server)),
    ]

    assert (again.status_code, again.json()) == (200, {"status": "duplicate"})
    assert [answer.status_code for answer in others] == [202, 202]
    assert len(pager.calls) == 3


@pytest.mark.parametrize("why", ["no headers", "another secret", "another body", "another id"])
async def test_a_call_with_a_wrong_signature_is_refused(served, why):
    """What is not signed by the shared secret, over just this call, is a 401."""
    server, pager, http = served
    headers = {
        "no headers": {},
        "another secret": signed(server, secret=base64.b64encode(b"another secret").decode()),
        "another body": signed(server, b"{}"),
        "another id": signed(server) | {"webhook-id": "inc-2:amara"},
    }[why]

    assert (await http.post("/pager/pager", content=BODY, headers=headers)).status_code == 401
    assert pager.calls == []


async def test_one_of_several_signatures_is_enough(served):
    """While a secret is being changed a sender signs with the old and the new one."""
    server, _, http = served
    headers = signed(server)
    headers["webhook-signature"] = f"v1,{'A' * 43}= {headers['webhook-signature']}"

    assert (await http.post("/pager/pager", content=BODY, headers=headers)).status_code == 202


@pytest.mark.parametrize("minutes", [-6, 6])
async def test_a_call_of_another_time_is_refused(served, minutes):
    """A timestamp more than five minutes from now is a 400, however well it is signed."""
    server, pager, http = served
    headers = signed(server, at=NOW + timedelta(minutes=minutes))

    assert (await http.post("/pager/pager", content=BODY, headers=headers)).status_code == 400
    assert pager.calls == []


async def test_a_retired_pager_is_gone(served):
    """The one name that was given up answers 410."""
    server, _, http = served

    assert (await http.post("/pager/retired", content=BODY, headers=signed(server))).status_code == 410


async def test_what_is_no_json_is_kept_as_text(served):
    """A body that cannot be read is shown as it came."""
    server, pager, http = served

    await http.post("/pager/pager", content=b"{", headers=signed(server, b"{"))

    assert pager.calls[0]["body"] == "{"


async def test_the_settings_lead_here(served):
    """One webhook, named, with its secret."""
    server, _, _ = served
    settings = server.settings()

    assert settings["paging_webhooks"] == f"pager={server.url}/pager/pager"
    assert settings["paging_webhook_secrets"].startswith("pager=whsec_")


async def test_calls_survive_a_restart(tmp_path):
    """A restarted sandbox shows what was called before, and still knows a repeat."""
    async with serving(tmp_path) as (server, pager, http):
        await http.post("/pager/pager", content=BODY, headers=signed(server))
        calls = pager.calls

    async with serving(tmp_path) as (server, pager, http):
        again = await http.post("/pager/pager", content=BODY, headers=signed(server))
        assert (again.json(), pager.calls) == ({"status": "duplicate"}, calls)
