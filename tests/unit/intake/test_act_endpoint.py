"""Acts over HTTP, through the app."""

import hashlib
from datetime import UTC, datetime

import pytest
from doorstep import Doorstep, fields, refusal

from worker.domain.errors import Unreachable
from worker.domain.event import Event, EventType
from worker.domain.response.act import Outcome
from worker.domain.states import LaunchState
from worker.incidents.history import History

ID = "inc-4h7k2m9xqz"
ACTS = f"/v1/incidents/{ID}/acts"
AT = datetime(2026, 3, 2, 9, 5, tzinfo=UTC)
KEYS = {name: hashlib.sha256(name.encode()).hexdigest() for name in ("desk", "robot", "other")}
SENDERS = {"desk": {"may-act": "own"}, "robot": {"may-act": "all"}, "other": {"may-read": "all"}}


class Outcomes:
    """What each act came to, whoever decided it."""

    def __init__(self, outcome):
        self.given, self.asked = outcome, []

    async def read(self, _):
        return None

    async def entries(self, _):
        return ()

    async def outcome(self, incident_id, act_id):
        self.asked.append((incident_id, act_id))
        return self.given


def a_door(outcome=None, **settings):
    door = Doorstep(responses=Outcomes(outcome or Outcome(verdict="done", sentence="Ada has it.", seq=3)), **settings)
    event = Event(title="Checkout is down", service="checkout", sender="desk")
    known = {"key": "k", "state": LaunchState.LAUNCHED, "received_at": AT, "first_attempt_at": AT}
    door.histories[ID] = History(incident_id=ID, event=event, **known)
    return door


@pytest.fixture
def door():
    return a_door()


@pytest.fixture
def keyed():
    return a_door(intake_keys=KEYS, intake_senders=SENDERS)


async def test_an_act_is_one_message_and_its_outcome_the_answer(door):
    """With the incident's key, by whoever sent it; the id is apart from those of other senders."""
    answer = await door.post({"act": "severity", "id": "7", "severity": 1, "text": "EU is down"}, ACTS)
    assert (answer.status_code, answer.json()["verdict"], answer.json()["id"]) == (200, "done", "7")
    (event,) = door.published
    assert (event.type, event.key, event.act.severity, event.act.id) == (EventType.ACT, "k", 1, "loopback:7")
    assert (event.act.actor.kind, event.act.source) == ("sender", "http")


async def test_a_header_may_give_the_id(door):
    """As for every other call that is sent again."""
    assert (await door.post({"act": "acknowledge"}, ACTS, idempotency_key="9")).json()["id"] == "9"


@pytest.mark.parametrize(("forbidden", "status"), [(False, 409), (True, 403)])
async def test_a_refusal_says_how_it_stands_and_what_is_possible(forbidden, status):
    """Of who may not as well."""
    outcome = Outcome(
        verdict="refused", sentence="It is closed.", state="closed", possible=("reopen",), forbidden=forbidden
    )
    problem = refusal(await a_door(outcome).post({"act": "take", "id": "1"}, ACTS), status)
    assert (problem["detail"], problem["state"], problem["possible"]) == ("It is closed.", "closed", ["reopen"])


async def test_an_unknown_outcome_is_on_its_way(door):
    """The queue has it: what the store does not say is no failure."""

    async def fails(*_):
        raise Unreachable("The table is away.")

    door.responses.outcome = fails
    answer = await door.post({"act": "acknowledge", "id": "1"}, ACTS)
    assert (answer.status_code, answer.json()["verdict"]) == (202, "on-its-way")
    assert answer.headers["location"] == f"/v1/incidents/{ID}"
    assert len(door.published) == 1


@pytest.mark.parametrize(
    ("body", "at_fault"),
    [
        ([], "body"),
        ({"id": "1"}, "act"),
        ({"act": "acknowledge"}, "id"),
        ({"act": "acknowledge", "id": "a b"}, "id"),
        ({"act": "acknowledge", "id": 7}, "id"),
        ({"act": "explode", "id": "1"}, "act"),
        ({"act": ["note"], "id": "1"}, "act"),
        ({"act": "begin", "id": "1"}, "act"),
        ({"act": "outcome", "id": "1"}, "act"),
        ({"act": "take", "id": "1", "actor": {"kind": "person", "id": "ada"}}, "actor"),
        ({"act": "take", "id": "1", "source": "cli"}, "source"),
        ({"act": "take", "id": "1", "data": {}}, "data"),
        ({"act": "take", "id": "1", "on_behalf_of": "ada"}, "on_behalf_of"),
        ({"act": "take", "id": "1", "severity": 1}, "severity"),
        ({"act": "severity", "id": "1"}, "severity"),
        ({"act": "severity", "id": "1", "severity": "1"}, "severity"),
        ({"act": "note", "id": "1", "text": ""}, "text"),
        ({"act": "merge", "id": "1", "into": "inc-1"}, "into"),
        ({"act": "update", "id": "1", "text": "x", "next_in_minutes": 0}, "next_in_minutes"),
        ({"act": "impact", "id": "1", "impact": {"customers": -1}}, "impact.customers"),
        ({"act": "note", "id": "1", "text": "x", "at": "yesterday"}, "at"),
    ],
)
async def test_nonsense_is_refused_by_the_name_of_its_field(door, body, at_fault):
    """And nothing is sent."""
    assert at_fault in fields(refusal(await door.post(body, ACTS), 422))
    assert door.published == []


@pytest.mark.parametrize(("name", "status"), [("desk", 200), ("robot", 200), ("other", 403)])
async def test_a_sender_needs_the_right_to_act(keyed, name, status):
    """`own` suffices for what it told itself; whoever may only read is told what is missing."""
    answer = await keyed.post({"act": "take", "id": "1"}, ACTS, authorization=f"Bearer {name}")
    assert answer.status_code == status, answer.text
    assert len(keyed.published) == (status == 200)


async def test_what_is_not_there_is_404(door):
    """By an id that nobody began, and by one that is none."""
    for asked in ("inc-0000000000", "4h7k"):
        refusal(await door.post({"act": "take", "id": "1"}, f"/v1/incidents/{asked}/acts"), 404)


@pytest.mark.parametrize("path", ["/v1/incidents", "/v1/alerts/native", "/v1/alerts"])
async def test_an_act_is_no_alert(door, path):
    """The sentence names where it is sent."""
    act = {"act": "take", "id": "1", "actor": {"kind": "person"}}
    problem = refusal(await door.post({"type": "act", "title": "x", "key": "k", "act": act}, path), 422)
    assert "/v1/incidents/{id}/acts" in problem["errors"][0]["message"]
