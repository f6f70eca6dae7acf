"""Pages as they reach a webhook: signed, known again, and refused without a word of the secret address."""

import base64
import gzip
import hmac
import json
import time
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
from pager import listening_pager
from patience import PATIENCE

from worker.clients.breakers import Breakers
from worker.clients.pager.webhook import open_pager_webhooks
from worker.domain.errors import Forbidden, Misconfigured, Rejected, Throttled, Transient, Unknown, Unreachable
from worker.resilience.circuit_breaker import State
from worker.resilience.send_deadline import SendDeadline, sending_before
from worker.settings import Settings

TOKEN = "t0ken-in-the-address"
PATH = f"/pager/{TOKEN}?routing=r0uting-key"
SECRETS = ("a secret of text", "whsec_" + base64.b64encode(b"one that is encoded").decode())
SIGNING = (b"a secret of text", b"one that is encoded")
KEY = "inc-1/page/amara.okafor@example.com/é"
PAGE = {"incident": {"id": "inc-1", "title": "Zahlung fällt aus"}, "reason": "on call"}


@pytest.fixture
async def pager():
    async with listening_pager() as pager:
        yield pager


@pytest.fixture
def connect(pager):
    @asynccontextmanager
    async def connected(*, breakers=None, port=None):
        settings = Settings.read(
            _env_file=None,
            paging_webhooks=f"night=http://127.0.0.1:{port or pager.port}{PATH}",
            paging_webhook_secrets=",".join(f"night={secret}" for secret in SECRETS),
            call_timeout_seconds=PATIENCE,
        )
        async with open_pager_webhooks(settings, breakers=breakers) as webhooks:
            yield webhooks["night"]

    return connected


async def test_a_page_is_signed_with_every_secret_and_bears_its_key(connect, pager):
    """The standard's three headers fit together, with the key as the id, as any receiver would verify them."""
    async with connect() as webhook:
        assert webhook.name == "night"
        assert await webhook.page(PAGE, key=KEY) == "202 accepted"
    ((method, headers, body, path),) = pager.requests
    assert (method, path) == ("POST", PATH)
    assert json.loads(body) == PAGE
    message_id, timestamp = headers["webhook-id"], headers["webhook-timestamp"]
    assert message_id == "inc-1/page/amara.okafor@example.com/%C3%A9"
    assert headers["Idempotency-Key"] == message_id
    assert abs(int(timestamp) - time.time()) < 60
    signed = f"{message_id}.{timestamp}.".encode() + body
    expected = [base64.b64encode(hmac.digest(secret, signed, "sha256")).decode() for secret in SIGNING]
    assert headers["webhook-signature"] == " ".join(f"v1,{each}" for each in expected)
    assert headers["User-Agent"].startswith("tocsin/")
    assert headers["Content-Type"] == "application/json"


async def test_in_doubt_the_same_page_leaves_again(connect, pager):
    """A lost answer and a broken one are got over in place, under the same id."""
    pager.will(202, lose=True)
    pager.will(500)
    pager.will(204)
    async with connect() as webhook:
        assert await webhook.page(PAGE, key=KEY) == "204 no content"
    assert len(pager.requests) == 3
    assert len({(headers["webhook-id"], body) for _, headers, body, _ in pager.requests}) == 1


@pytest.mark.parametrize(
    ("status", "kind", "said"),
    [
        (400, Rejected, "Nobody was paged"),
        (401, Forbidden, "TOCSIN_PAGING_WEBHOOK_SECRETS"),
        (403, Forbidden, "TOCSIN_PAGING_WEBHOOK_SECRETS"),
        (404, Misconfigured, "TOCSIN_PAGING_WEBHOOKS"),
        (410, Misconfigured, "TOCSIN_PAGING_WEBHOOKS"),
        (302, Misconfigured, "redirect"),
        (500, Unknown, "same key"),
        (503, Unknown, "same key"),
    ],
)
async def test_a_refusal_says_what_to_mend_and_never_the_address(connect, pager, status, kind, said):
    """The other side's words are shown, without the path and the tokens that it may repeat."""
    for _ in range(3):
        pager.will(status, f"Cannot POST {PATH} (r0uting-key)", Location="/elsewhere")
    async with connect() as webhook:
        with pytest.raises(kind) as caught:
            await webhook.page(PAGE, key=KEY)
    sentence = str(caught.value)
    assert said in sentence
    assert "the webhook night at 127.0.0.1" in sentence
    assert not any(secret in sentence for secret in (TOKEN, "r0uting-key", *SECRETS))
    assert (len(pager.requests) == 3) == (kind is Unknown)


@pytest.mark.parametrize("status", [429, 503])
async def test_patience_that_it_asks_for_is_handed_on(connect, pager, status):
    """A pager that is busy and says until when was not reached, and is asked again then."""
    pager.will(status, Retry_After="60")
    async with connect() as webhook:
        with pytest.raises(Throttled) as caught:
            await webhook.page(PAGE, key=KEY)
    assert caught.value.retry_after == timedelta(minutes=1)
    assert len(pager.requests) == 1


@pytest.mark.parametrize(
    ("text", "headers"),
    [("x" * 1_000_000, {}), (gzip.compress(b"x" * 10_000_000), {"Content_Encoding": "gzip"})],
)
async def test_a_long_answer_is_read_as_far_as_it_is_shown(connect, pager, text, headers):
    """Neither length nor packing of an answer makes the sentence, or the worker, large."""
    pager.will(400, text, **headers)
    async with connect() as webhook:
        with pytest.raises(Rejected) as caught:
            await webhook.page(PAGE, key=KEY)
    assert len(str(caught.value)) < 600


async def test_a_page_that_is_too_large_is_not_sent(connect, pager):
    """The bound is said before anybody else refuses it."""
    async with connect() as webhook:
        with pytest.raises(Rejected, match="65536 are the most"):
            await webhook.page({"text": "x" * 65_536}, key=KEY)
    assert pager.requests == []


async def test_a_late_page_does_not_leave(connect, pager):
    """Past the deadline another worker may have taken over."""
    async with connect() as webhook:
        with sending_before(SendDeadline(time.monotonic() + 1)), pytest.raises(Transient, match="was not sent"):
            await webhook.page(PAGE, key=KEY)
    assert pager.requests == []


async def test_each_webhook_has_a_breaker_of_its_own(pager):
    """One that is down keeps no page from the others."""
    breakers = Breakers()
    settings = Settings.read(
        _env_file=None,
        paging_webhooks=f"down=http://127.0.0.1:9/x,up=http://127.0.0.1:{pager.port}/x",
        paging_webhook_secrets=f"down={SECRETS[0]},up={SECRETS[0]}",
        call_timeout_seconds=PATIENCE,
    )
    async with open_pager_webhooks(settings, breakers=breakers) as webhooks:
        for _ in range(5):
            with pytest.raises(Unreachable):
                await webhooks["down"].page(PAGE, key=KEY)
        assert await webhooks["up"].page(PAGE, key=KEY) == "202 accepted"
    states = {system.name: breakers.of(system).state for system in breakers._made}
    assert states == {"webhook:down": State.OPEN, "webhook:up": State.CLOSED}


@pytest.mark.parametrize("status", [200, 302, 405, 500])
async def test_checking_pages_nobody(connect, pager, status):
    """Whatever it answers to a question that is no page, it is there."""
    pager.will(status, Location="/elsewhere")
    async with connect() as webhook:
        await webhook.check()
    assert [method for method, *_ in pager.requests] == ["OPTIONS"]


async def test_checking_says_who_does_not_answer(connect):
    """A name or port that leads nowhere is found in the daytime."""
    async with connect(port=9) as webhook:
        with pytest.raises(Unreachable, match="the webhook night"):
            await webhook.check()


async def test_without_settings_there_are_no_webhooks():
    """Who has no pager has none to reach."""
    async with open_pager_webhooks(Settings.read(_env_file=None)) as webhooks:
        assert webhooks == {}
