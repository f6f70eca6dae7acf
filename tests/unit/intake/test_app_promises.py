"""What the OpenAPI document promises holds for whatever is sent to any of its addresses."""

import asyncio
import json
import re
from collections import defaultdict
from datetime import timedelta

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from worker.intake.app import create_intake
from worker.intake.unauthenticated import UnauthenticatedThrottle
from worker.oncall.asking import read_instant
from worker.oncall.on_call import OnCall
from worker.oncall.schedule.wall_clock import clock_of
from worker.oncall.written_answer import answer_of
from worker.settings import Settings

CONTENT_TYPES = (
    "application/json",
    "application/cloudevents+json",
    "application/cloudevents-batch+json",
    "application/x-www-form-urlencoded",
    "text/plain",
    "nonsense",
    "",
)
FIELDS = ("title", "severity", "key", "data", "alerts", "version", "schemaId", "labels", "payload", "routing_key")
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(FIELDS) | st.text(), inner, max_size=4),
    max_leaves=12,
)
BODIES = st.binary(max_size=200) | JSON.map(json.dumps).map(str.encode)
# What no header may hold is the business of the server, and of the tests on real sockets.
WORDS = st.text(st.characters(min_codepoint=33, max_codepoint=255, exclude_characters="\x7f"), max_size=30)
HEADERS = st.fixed_dictionaries(
    {},
    optional={
        "authorization": WORDS.map("Bearer {}".format) | WORDS,
        "content-type": st.sampled_from(CONTENT_TYPES) | WORDS,
        "content-encoding": st.sampled_from(["gzip", "identity"]) | WORDS,
        "idempotency-key": WORDS,
        "origin": WORDS,
        "traceparent": WORDS,
        "x-tocsin-signature": WORDS | st.just("sha256=" + "0" * 64),
        "x-tocsin-timestamp": st.integers().map(str) | WORDS,
        "x-grafana-alerting-signature": WORDS | st.just("0" * 64),
        "ce-id": WORDS,
    },
)
QUERIES = st.fixed_dictionaries(
    {},
    optional={
        "access_token": st.text(),
        "join": st.text() | st.just("inc-4h7k2m9xqz"),
        "state": st.text() | st.just("open"),
        "service": st.text(),
        "at": st.text() | st.just("2027-05-03T09:00") | st.just("2027-05-03T09:00Z"),
    },
)
PLACES = st.text(min_size=1, max_size=20) | st.sampled_from(["azure-monitor", "grafana", "inc-4h7k2m9xqz"])
SENDERS = {"intake_keys": {"desk": "0" * 64}, "intake_signing_secrets": {"shop": "a secret of the shop"}}


async def nobody(service, at):
    """On call at any time that can be read."""
    instant = read_instant(at, clock_of("Europe/Berlin")).minute if at else 0
    return answer_of(OnCall(service=service), None, instant)


class Promise:
    """The app, the operations that its document names, and a way to send them anything."""

    def __init__(self, **given):
        async def publish(_): ...

        async def nothing_known(_):
            return None

        app = create_intake(
            Settings(_env_file=None, **given),
            publish,
            nothing_known,
            str,
            throttle=UnauthenticatedThrottle(delay=timedelta()),
            ask_on_call=nobody,
            find_calendar=nothing_known,
        )
        self.operations = [
            (path, method, {int(status) for status in operation["responses"]})
            for path, operations in app.openapi()["paths"].items()
            for method, operation in operations.items()
        ]
        self._transport = httpx.ASGITransport(app)

    async def keep(self, place, headers, body, query):
        """Send this to every operation; each answers as it says that it may."""
        async with httpx.AsyncClient(transport=self._transport, base_url="http://localhost") as http:
            for path, method, promised in self.operations:
                address = re.sub(r"\{.*?\}", lambda _: quoted(place), path)
                sent = {name: value.encode("latin-1") for name, value in headers.items()}
                answer = await http.request(method, address, content=body, headers=sent, params=query)
                assert answer.status_code in promised, (method, address, answer.text)
                assert answer.status_code < 500, (method, address, answer.text)


def quoted(place):
    return httpx.QueryParams({"": place}).__str__().removeprefix("=").replace("+", "%20").replace(".", "%2E")


@pytest.mark.parametrize("senders", [{}, SENDERS], ids=["on loopback", "with senders"])
def test_every_answer_is_one_that_was_promised(senders):
    """No content, no header and no parameter makes an answer of 5xx, or one that the document does not name."""
    promise = Promise(**senders)

    @given(place=PLACES, headers=HEADERS, body=BODIES, query=QUERIES)
    @settings(deadline=None, max_examples=40, suppress_health_check=list(HealthCheck), database=None)
    def holds(place, headers, body, query):
        asyncio.run(promise.keep(place, headers, body, query))

    holds()


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE", "NONSENSE"])
async def test_methods_that_are_not_named_are_refused(method):
    """Every address has the methods that the document names, and no others."""
    promise = Promise()
    async with httpx.AsyncClient(transport=promise._transport, base_url="http://localhost") as http:
        # Senders of CloudEvents ask there first whether they are welcome.
        named = defaultdict(set, {address: {"options"} for address in ("/v1/alerts", "/v1/alerts/x", "/v1/events")})
        for path, verb, _ in promise.operations:
            named[re.sub(r"\{.*?\}", "x", path)].add(verb)
        for address, verbs in named.items():
            if method.lower() not in verbs:
                answer = await http.request(method, address)
                assert answer.status_code == 405, (method, address)
