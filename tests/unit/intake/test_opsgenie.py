"""Opsgenie's own addresses: a tool that was switched by changing one address notices nothing."""

import hashlib
import json
from pathlib import Path

import pytest
from doorstep import Doorstep, refusal

from worker.domain.errors import Unreachable

EXAMPLES = Path(__file__).parents[1] / "alerts/examples"
CREATE = json.loads((EXAMPLES / "opsgenie-call.json").read_text())
KEY = "eb243592-faa2-4ba2-a551q-1afdf565c889"


@pytest.fixture
def door():
    return Doorstep()


@pytest.fixture
def locked_door():
    return Doorstep(intake_keys={"checks": hashlib.sha256(KEY.encode()).hexdigest()})


async def test_an_alert_is_created_as_opsgenie_says_it(door):
    """The answer is Opsgenie's, and where to follow the alert stands beside it."""
    answer = await door.post(CREATE, "/v2/alerts")
    assert answer.status_code == 202
    told = answer.json()
    assert set(told) == {"result", "took", "requestId"}
    assert told["result"] == "Request will be processed"
    assert answer.headers["location"].startswith("/v1/alerts/")
    assert [event.title for event in door.published] == ["Replica lags behind on orders, db-7.contoso.example"]


@pytest.mark.parametrize(("action", "kind"), [("close", "resolve"), ("acknowledge", "acknowledge")])
@pytest.mark.parametrize("body", [{"source": "checks", "note": "Well again"}, {}, ""])
async def test_an_alert_is_ended_by_its_alias(door, action, kind, body):
    """Also where the alias has a slash in it, and where nothing more is said."""
    await door.post(CREATE, "/v2/alerts")
    answer = await door.post(body, f"/v2/alerts/replica-lag%2Fdb-7/{action}?identifierType=alias")
    assert answer.status_code == 202, answer.text
    begun, followed = door.published
    assert (begun.type, followed.type) == ("trigger", kind)
    assert begun.fingerprint == followed.fingerprint


async def test_an_alert_without_an_alias_is_taken(door):
    """It is an incident of its own."""
    answer = await door.post({"message": "Backup failed"}, "/v2/alerts")
    assert answer.status_code == 202
    assert [event.fingerprint for event in door.published] == [""]


@pytest.mark.parametrize("query", ["", "?identifierType=id", "?identifierType=tiny"])
async def test_another_identifier_is_refused_with_what_to_send(door, query):
    """Opsgenie's own ids are not known here, and nobody is told that something was closed."""
    problem = refusal(await door.post({}, f"/v2/alerts/8418d193/close{query}"), 422)
    assert "identifierType" in json.dumps(problem)
    assert door.published == []


@pytest.mark.parametrize(("body", "field"), [({}, "message"), ({"message": ""}, "message"), ([], "body")])
async def test_what_is_wrong_is_named(door, body, field):
    """A wrong alert is 422, as Opsgenie answers it, and the field is named."""
    assert field in json.dumps(refusal(await door.post(body, "/v2/alerts"), 422))


async def test_the_api_key_is_the_senders_key(locked_door):
    """As tools that speak Opsgenie send it, and as everybody else does."""
    for scheme in ("GenieKey", "Bearer", "geniekey"):
        assert (await locked_door.post(CREATE, "/v2/alerts", Authorization=f"{scheme} {KEY}")).status_code == 202
    for wrong in ("GenieKey wrong", f"Genie {KEY}", "GenieKey"):
        refusal(await locked_door.post(CREATE, "/v2/alerts", Authorization=wrong), 401)
    assert len(locked_door.published) == 3


async def test_a_note_of_opsgenies_webhook_is_heard_and_launches_nothing(door):
    """Whoever sends the webhook to this address is understood too."""
    note = json.loads((EXAMPLES / "opsgenie-note.json").read_text())
    assert (await door.post(note, "/v2/alerts")).status_code == 202
    assert door.published == []


async def test_an_outage_asks_the_tool_to_come_again(door):
    """The clients of Opsgenie repeat what gets 503."""
    door.outage = Unreachable("gone")
    answer = await door.post(CREATE, "/v2/alerts")
    refusal(answer, 503)
    assert int(answer.headers["retry-after"]) >= 1
