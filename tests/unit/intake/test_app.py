"""The front door, spoken to through its app: what it takes, what it refuses and what it says."""

import hashlib
import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import jsonschema
import pytest
import structlog
from alert_examples import example
from doorstep import Doorstep, fields, refusal
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import worker
from worker.domain.alert_status import AlertStatus, Disposition
from worker.domain.errors import Forbidden, Misconfigured, Throttled, Unknown, Unreachable
from worker.domain.event import Event, EventType, decode, encode
from worker.domain.incident import INCIDENT_ID, incident_id
from worker.domain.states import LaunchState
from worker.incidents.history import History
from worker.intake import incidents
from worker.intake.app import check_listen_address
from worker.intake.spool import open_spool
from worker.settings import Settings

METRIC = (Path(__file__).parents[1] / "alerts/examples/metric.json").read_text()
RESOLVED = (Path(__file__).parents[1] / "alerts/examples/metric-resolved.json").read_text()


@pytest.fixture
def door():
    return Doorstep()


@pytest.fixture
def locked_door():
    hashes = {name: hashlib.sha256(f"key of {name}".encode()).hexdigest() for name in ("desk", "robot")}
    return Doorstep(intake_keys=hashes)


async def test_an_event_is_accepted_and_published(door):
    """A title is enough for 202, an id, and an address where the launch can be followed."""
    answer = await door.post({"title": "Checkout is down"})
    [event] = door.published
    assert answer.status_code == 202
    assert answer.json()["incident_id"] == incident_id(event.key)
    assert INCIDENT_ID.fullmatch(answer.json()["incident_id"])
    assert answer.json()["event_id"] == event.id
    assert answer.json()["status_url"] == answer.headers["location"] == f"/v1/incidents/{incident_id(event.key)}"


async def test_an_event_in_a_service_desks_words_is_accepted(door):
    """The names that others give our fields are understood at the address of the native event."""
    answer = await door.post({"short_description": "Checkout is down", "priority": "1 - Critical", "state": "new"})
    assert answer.status_code == 202
    [event] = door.published
    assert (event.title, event.severity) == ("Checkout is down", 1)


@pytest.mark.parametrize("path", ["/v1/incidents", "/v1/alerts/native", "/v1/alerts"])
async def test_a_reminder_is_taken_from_nobody(door, path):
    """Only Tocsin itself says that a summary is due: 422 names the type, and nothing is published."""
    answer = await door.post({"title": "x", "key": "k", "type": "summary-due"}, path)
    assert fields(refusal(answer, 422)) == ["type"]
    assert door.published == []


async def test_settings_say_what_a_word_of_an_alert_means():
    """The intake reads alerts by the severities of its settings."""
    door = Doorstep(severities="azure-monitor.sev1=5")
    await door.post(METRIC, "/v1/alerts/azure-monitor")
    assert door.published[0].severity == 5


async def test_the_intake_says_when_it_received_an_event(door):
    """The time of receipt is our own, whatever the sender claims."""
    before = datetime.now(UTC)
    await door.post({"title": "Checkout is down", "received_at": "2020-01-01T00:00:00Z"})
    assert before <= door.published[0].received_at <= datetime.now(UTC)


async def test_what_is_published_is_what_the_worker_reads(door):
    """The event comes out of the queue's bytes as it went in, with the same ids."""
    await door.post({"title": "x " * 400, "description": "\x00<b>", "labels": {"a": "b"}, "severity": 1})
    [event] = door.published
    assert decode(encode(event)) == event
    assert decode(encode(event)).id == event.id


async def test_two_events_without_a_key_are_two_incidents(door):
    """Nothing says that two equal reports are the same thing."""
    answers = [await door.post({"title": "Checkout is down"}) for _ in range(2)]
    assert answers[0].json()["incident_id"] != answers[1].json()["incident_id"]


async def test_the_same_idempotency_key_is_the_same_message(door):
    """A retry under the same Idempotency-Key has the ids of the first, so that the broker drops it."""
    answers = [await door.post({"title": "Checkout is down"}, Idempotency_Key="ticket-991") for _ in range(2)]
    assert answers[0].json() == answers[1].json()


async def test_an_events_own_key_is_stronger_than_the_header(door):
    """The key in the event is the same incident whoever sends it, under whatever header."""
    answers = [await door.post({"title": "x", "key": "k"}, Idempotency_Key=header) for header in ("1", "2")]
    assert {answer.json()["incident_id"] for answer in answers} == {incident_id("k")}


async def test_senders_do_not_share_idempotency_keys(locked_door):
    """Two senders that both count from one open two incidents."""
    answers = [
        await locked_door.post({"title": "x"}, Idempotency_Key="1", Authorization=f"Bearer key of {sender}")
        for sender in ("desk", "robot")
    ]
    assert answers[0].json()["incident_id"] != answers[1].json()["incident_id"]


async def test_an_empty_idempotency_key_is_none(door):
    """A client whose variable was empty does not merge all its incidents into one."""
    answers = [await door.post({"title": "x"}, Idempotency_Key=" ") for _ in range(2)]
    assert answers[0].json()["incident_id"] != answers[1].json()["incident_id"]


async def test_an_azure_alert_is_accepted(door):
    """An Azure Monitor alert, as it is, is an accepted incident, and the same again when it is sent again."""
    answers = [await door.post(METRIC, "/v1/alerts/azure-monitor") for _ in range(2)]
    [accepted] = answers[0].json()["accepted"]
    assert answers[0].status_code == 202
    assert accepted["event_id"] == door.published[0].id
    assert answers[0].json() == answers[1].json()


async def test_an_alerts_own_identity_is_stronger_than_the_header(door):
    """The same alert by two ways, one of which counts its calls, is one incident."""
    answers = [await door.post(METRIC, "/v1/alerts/azure-monitor", Idempotency_Key=header) for header in ("1", "2")]
    assert answers[0].json() == answers[1].json()


async def test_a_resolved_alert_is_taken_as_the_end_of_another(door):
    """The end of an alert is published with the key of its beginning."""
    for alert in (METRIC, RESOLVED):
        assert (await door.post(alert, "/v1/alerts/azure-monitor")).status_code == 202
    fired, resolved = door.published
    assert (fired.type, resolved.type) == (EventType.TRIGGER, EventType.RESOLVE)
    assert resolved.key == fired.key


async def test_an_unknown_format_is_refused_with_the_known_ones(door):
    """Who mistypes the format reads which there are."""
    problem = refusal(await door.post(METRIC, "/v1/alerts/azure"), 404)
    assert "azure-monitor" in problem["detail"]


async def test_an_alert_of_another_format_is_refused_by_field(door):
    """A payload that is not what the address says is 422, and the field is named."""
    assert "schemaId" in fields(refusal(await door.post({"alerts": []}, "/v1/alerts/azure-monitor"), 422))


async def test_an_event_over_the_hard_limit_is_refused(door, monkeypatch):
    """What is larger than anybody would keep of an event is 413 with a sentence, and nothing is published."""
    monkeypatch.setattr(incidents, "EVENT_LIMIT", 10_000)
    refusal(await door.post({"title": "x", "raw": ["x" * 100] * 100}), 413)
    assert door.published == []


async def test_only_the_intake_says_where_the_rest_of_an_event_is(door):
    """A sender cannot make an event point at what another one left."""
    assert (await door.post({"title": "x", "remainder": f"{'0' * 64}-{'1' * 64}"})).status_code == 202
    assert door.published[0].remainder is None


# Bad input


@pytest.mark.parametrize(
    "body",
    [
        "",
        " ",
        "title=Checkout",
        "{",
        '{"title": "x"',
        '{"title": "x"} {"title": "y"}',
        b"\xff\xfe\xfd",
        b'{"title": "\xc3\x28"}',
        "[" * 190_000,
        '{"a":' * 30_000,
        '{"title": "x", "raw": ' + "[" * 400 + "]" * 400 + "}",
        '{"title": "x", "severity": ' + "9" * 5_000 + "}",
    ],
)
async def test_what_is_not_json_is_refused(door, body):
    """A body that cannot be read is 400 with a sentence, and nothing is published."""
    refusal(await door.post(body), 400)
    assert door.published == []


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ([], "body"),
        ('"text"', "body"),
        (None, "body"),
        ({}, "title"),
        ({"title": None}, "title"),
        ({"title": ""}, "title"),
        ({"title": " \u0000\u200b\n "}, "title"),
        ({"title": 5}, "title"),
        ({"title": ["x"]}, "title"),
        ({"title": "x", "severity": True}, "severity"),
        ({"title": "x", "severity": {"value": 1}}, "severity"),
        ({"title": "x", "type": "explode"}, "type"),
        ({"title": "x", "detection_source": "rumour"}, "detection_source"),
        ({"title": "x", "occurred_at": "yesterday"}, "occurred_at"),
        ({"title": "x", "occurred_at": "2026-03-02T09:02:00"}, "occurred_at"),
        ({"title": "x", "occurred_at": "0001-01-01T00:00:00Z"}, "occurred_at"),
        ({"title": "x", "occurred_at": "9999-12-31T23:59:59-23:59"}, "occurred_at"),
        ({"title": "x", "first_known_at": 10**30}, "first_known_at"),
        ({"title": "x", "first_known_at": True}, "first_known_at"),
        ({"title": "x", "key": ""}, "key"),
        ({"title": "x", "key": "k" * 2_000}, "key"),
        ({"title": "x", "fingerprint": "f" * 2_000}, "fingerprint"),
        ({"title": "x", "links": "https://a.example"}, "links"),
        ({"title": "x", "links": [{"text": "no address"}]}, "links.0.href"),
        ({"title": "x", "links": [{"href": "javascript:alert(1)"}]}, "links.0.href"),
        ({"title": "x", "links": [{"href": 'https://a.example/"><script>'}]}, "links.0.href"),
        ({"title": "x", "links": [{"href": "https://a.example/"}] * 51}, "links"),
        ({"title": "x", "labels": {"region": 5}}, "labels.region"),
        ({"title": "x", "labels": {str(number): "x" for number in range(101)}}, "labels"),
        ({"title": "x", "raw": json.loads("[" * 40 + "]" * 40)}, "raw"),
    ],
)
async def test_a_wrong_field_is_refused_by_name(door, body, field):
    """Each fault of an event is 422, with the field and what is wrong with it, and nothing is published."""
    problem = refusal(await door.post(body), 422)
    assert field in fields(problem)
    assert door.published == []


async def test_the_links_of_the_event_are_bounded_in_words(door):
    """Too many links are called too many, not empty."""
    problem = refusal(await door.post({"title": "x", "links": [{"href": "https://a.example/"}] * 51}), 422)
    assert "at most 50" in problem["errors"][0]["message"]


async def test_all_faults_are_named_together(door):
    """Who sends three wrong fields corrects them in one go."""
    body = {"severity": [1], "detection_source": "rumour"}
    assert set(fields(refusal(await door.post(body), 422))) == {"title", "severity", "detection_source"}


@pytest.mark.parametrize(
    ("said", "severity", "unread"),
    [
        ("Critical", 1, ""),
        ("1", 1, ""),
        ("Informational", 5, ""),
        ("Sev1", 2, ""),
        ("spicy", 3, "spicy"),
        (0, 3, "0"),
        (6, 3, "6"),
        (2.5, 3, "2.5"),
    ],
)
async def test_no_word_for_a_severity_costs_an_incident(door, said, severity, unread):
    """A word that is understood anywhere is understood here; one that is not is 3, and is told."""
    assert (await door.post({"title": "x", "severity": said})).status_code == 202
    [event] = door.published
    assert (event.severity, event.unread_severity) == (severity, unread)


async def test_a_severity_that_is_no_word_is_refused_with_those_that_there_are(door):
    """Whoever sends it reads what can be sent."""
    answer = await door.post({"title": "x", "severity": ["high"]})
    assert "or one of the words critical, high, medium, low, information" in answer.text


async def test_a_refusal_does_not_echo_the_body(door):
    """What was wrong is named without its value, which may be a secret or a megabyte."""
    answer = await door.post({"title": "x", "severity": ["hunter2"], "labels": {"k" * 100_000: 5}})
    refusal(answer, 422)
    assert "hunter2" not in answer.text
    assert len(answer.content) < 2_000


@pytest.mark.parametrize(
    ("body", "field", "cleaned"),
    [
        ({"title": "a\x00b\x1b[31m\u202ec"}, "title", "ab[31mc"),
        ({"title": "two\nlines"}, "title", "two lines"),
        ('{"title": "raw\nline break"}', "title", "raw line break"),
        ('{"title": "half \\ud83d of a pair"}', "title", "half ? of a pair"),
        ('\ufeff{"title": "byte order mark"}', "title", "byte order mark"),
        ('{"title": "sixteen bits"}'.encode("utf-16"), "title", "sixteen bits"),
        ('{"title": "not a number", "raw": NaN}', "raw", None),
        ('{"title": "endless", "raw": 1e999}', "title", "endless"),
        ({"title": "<script>alert(1)</script>"}, "title", "<script>alert(1)</script>"),
        ({"title": "x", "description": None, "links": None}, "description", ""),
        ({"title": "x", "unknown": {"deep": []}}, "title", "x"),
        ({"title": "x", "service": "s" * 300}, "service", "s" * 255 + "…"),
    ],
)
async def test_what_can_be_mended_is_mended(door, body, field, cleaned):
    """A careless sender still opens an incident, with cleaned values."""
    assert (await door.post(body)).status_code == 202
    assert getattr(door.published[0], field) == cleaned


async def test_a_title_of_ten_thousand_characters_is_cut_and_kept(door):
    """The title is short enough for a telephone, and the description begins with the whole of it."""
    await door.post({"title": "t" * 10_000, "description": "more"})
    [event] = door.published
    assert len(event.title) == 500
    assert event.description == "t" * 10_000 + "\n\nmore"


@pytest.mark.parametrize("announced", [True, False])
@pytest.mark.parametrize("size", [200_001, 201 * 1024, 1_000_000])
async def test_a_body_over_the_limit_is_refused(door, size, announced):
    """A body over 200 KB is 413, whether its length was announced or not."""

    async def chunks():
        for start in range(0, size, 10_000):
            yield b" " * min(10_000, size - start)

    answer = await door.http.post("/v1/incidents", content=b" " * size if announced else chunks())
    refusal(answer, 413)


async def test_no_more_than_the_limit_is_read(door):
    """A body without end is refused as soon as it is too long."""
    read = 0

    async def endless():
        nonlocal read
        while True:
            read += 10_000
            yield b" " * 10_000

    refusal(await door.http.post("/v1/incidents", content=endless()), 413)
    assert read <= 220_000


async def test_a_body_just_within_the_limit_is_taken(door):
    """Two hundred thousand bytes are an event."""
    body = json.dumps({"title": "x", "description": ""}).encode()
    assert (await door.post(body + b" " * (200_000 - len(body)))).status_code == 202


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", "", "nonsense"])
async def test_json_is_json_whatever_it_calls_itself(door, content_type):
    """Half the world's alerting tools send the wrong content type."""
    assert (await door.post({"title": "x"}, Content_Type=content_type)).status_code == 202


async def test_a_compressed_body_that_breaks_off_is_refused_with_what_to_do(door):
    """Half a compressed body is named as what it is."""
    assert "compressed" in refusal(await door.post(b"\x1f\x8b", Content_Encoding="gzip"), 400)["detail"]


ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters(codec=None))
    | st.datetimes().map(str),
    lambda children: st.lists(children, max_size=4) | st.dictionaries(st.text(max_size=9), children, max_size=4),
    max_leaves=10,
)
EVENT_FIELDS = ["title", "severity", "service", "type", "key", "links", "labels", "raw", "occurred_at", "fingerprint"]
NEARLY_EVENTS = st.dictionaries(st.sampled_from(EVENT_FIELDS), ANYTHING).map(lambda body: {"title": "x"} | body)


@given(body=st.binary(max_size=300) | ANYTHING.map(json.dumps) | NEARLY_EVENTS.map(json.dumps))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], max_examples=200)
async def test_no_body_brings_the_door_down(door, body):
    """Whatever is posted is accepted or refused, and what is accepted is readable by the worker."""
    for path in ("/v1/incidents", "/v1/alerts/azure-monitor"):
        answer = await door.post(body, path)
        assert answer.status_code in {202, 400, 422}, answer.text
    for event in door.published:
        assert decode(encode(event)).id == event.id
    door.published.clear()


# Outages


@pytest.mark.parametrize(
    "outage", [Unreachable("hunter2"), Unknown("hunter2"), Forbidden("hunter2"), Misconfigured("hunter2")]
)
@pytest.mark.parametrize(("path", "body"), [("/v1/incidents", '{"title": "x"}'), ("/v1/alerts/azure-monitor", METRIC)])
async def test_an_outage_of_the_queue_is_503(door, outage, path, body):
    """Whatever keeps the broker from acknowledging, the sender is asked to come again, without our inner affairs."""
    door.outage = outage
    answer = await door.post(body, path)
    refusal(answer, 503)
    assert int(answer.headers["retry-after"]) >= 1
    assert "hunter2" not in answer.text


async def test_a_throttled_queue_says_when_to_come_again(door):
    """What the broker asks for is passed on, in whole seconds."""
    door.outage = Throttled("busy", retry_after=timedelta(seconds=12.3))
    assert (await door.post({"title": "x"})).headers["retry-after"] == "13"


async def test_a_fault_of_ours_is_503_without_details(door):
    """An exception nobody foresaw is logged, and the sender, who learns nothing of it, comes again."""
    door.outage = RuntimeError("password=hunter2")
    with structlog.testing.capture_logs() as lines:
        answer = await door.post({"title": "x"})
    assert "hunter2" not in answer.text
    refusal(answer, 503)
    assert "intake.failed" in [line["event"] for line in lines]


@pytest.mark.parametrize(("path", "body"), [("/v1/incidents", '{"title": "x"}'), ("/v1/alerts/azure-monitor", METRIC)])
async def test_with_a_spool_an_outage_is_accepted_and_says_so(tmp_path, path, body):
    """What the queue does not acknowledge is 202 all the same, marked as not yet queued in body and header."""
    async with open_spool(tmp_path, 1_000_000) as spool:
        door = Doorstep(spool)
        door.outage = Unreachable("down")
        answer = await door.post(body, path)
        assert spool.fill.events == 1
    assert answer.status_code == 202
    assert answer.headers["tocsin-spooled"] == "1"
    [accepted] = answer.json().get("accepted", [answer.json()])
    assert accepted["queued"] is False


async def test_what_is_in_the_queue_says_so(tmp_path):
    """With a spool or without, what the queue took is marked as queued, and no header says otherwise."""
    async with open_spool(tmp_path, 1_000_000) as spool:
        for door in (Doorstep(spool), Doorstep()):
            answer = await door.post({"title": "x"})
            assert answer.json()["queued"] is True
            assert "tocsin-spooled" not in answer.headers


async def test_a_full_spool_is_503(tmp_path):
    """When neither the queue nor the spool takes it, the sender is told when to come again, and readiness says why."""
    async with open_spool(tmp_path, 100) as spool:
        door = Doorstep(spool)
        door.outage, door.unready = Unreachable("down"), "The queue cannot be reached."
        answer = await door.post({"title": "x"})
        readiness = await door.http.get("/readyz")
    refusal(answer, 503)
    assert int(answer.headers["retry-after"]) > 5
    assert "The spool has no room left" in refusal(readiness, 503)["detail"]


async def test_readiness_tells_what_is_spooled(tmp_path):
    """An intake whose queue is down is ready while its spool has room, and tells how much is in it."""
    async with open_spool(tmp_path, 1_000_000) as spool:
        door = Doorstep(spool)
        door.unready = "The queue cannot be reached."
        assert (await door.http.get("/readyz")).json() == {"status": "ready"}
        await door.post({"title": "x"})
        ready = await door.http.get("/readyz")
    assert ready.status_code == 200
    assert ready.json()["spooled"].startswith("1 event,")


# Who may send


async def test_a_sender_with_a_key_is_let_in(locked_door):
    """The key as a bearer token opens the door."""
    answer = await locked_door.post({"title": "x"}, Authorization="Bearer key of desk")
    assert answer.status_code == 202


async def test_a_key_in_the_address_is_let_in(locked_door):
    """Azure Monitor's plain webhooks can send only what stands in their address."""
    locked_door.http.auth = httpx.BasicAuth("anything", "key of desk")
    assert (await locked_door.post(METRIC, "/v1/alerts/azure-monitor")).status_code == 202


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "Bearer",
        "Bearer ",
        "Bearer wrong",
        "key of desk",
        "Basic key of desk",
        "Basic !!!",
        "Basic eDp5",
        "Digest x",
    ],
)
async def test_a_stranger_is_refused(locked_door, header):
    """Without a known key there is 401, how to ask, and nothing is published."""
    answer = await locked_door.post({"title": "x"}, **({"Authorization": header} if header is not None else {}))
    refusal(answer, 401)
    assert answer.headers["www-authenticate"].startswith("Bearer")
    assert locked_door.published == []


async def test_the_hash_of_nothing_opens_nothing():
    """An unset variable that was hashed into the settings lets no one in."""
    door = Doorstep(intake_keys={"desk": hashlib.sha256(b"").hexdigest()})
    refusal(await door.post({"title": "x"}, Authorization="Bearer "), 401)


async def test_a_stranger_learns_nothing_of_incidents(locked_door):
    """The history of an incident is for those with a key."""
    refusal(await locked_door.http.get(f"/v1/incidents/{incident_id('k')}"), 401)


async def test_a_stranger_is_refused_before_the_body_is_read(locked_door):
    """Not one byte of a stranger's body is waited for."""

    async def never():
        raise AssertionError("the body was read")
        yield b""

    refusal(await locked_door.http.post("/v1/incidents", content=never()), 401)


async def test_a_web_page_cannot_post_to_a_door_without_keys(door):
    """On loopback any page in the browser could post; it is refused as long as no sender has a key."""
    refusal(await door.post({"title": "x"}, Origin="https://evil.example"), 403)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "", "10.0.0.4", "intake.contoso.example"])
def test_without_keys_only_loopback_is_listened_on(host):
    """An intake that asks nobody for a key cannot be reached from elsewhere."""
    with pytest.raises(Misconfigured, match="TOCSIN_INTAKE_KEYS"):
        check_listen_address(Settings(_env_file=None), host)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.1.2.3", "::1", "localhost"])
def test_loopback_needs_no_keys(host):
    """For a first try on one machine nothing has to be set up."""
    check_listen_address(Settings(_env_file=None), host)


def test_with_keys_any_address_may_be_listened_on():
    """Once senders have keys the intake may stand in the open."""
    check_listen_address(Settings(_env_file=None, intake_keys={"desk": "0" * 64}), "0.0.0.0")


# What it tells


async def test_the_history_of_an_incident_is_shown(door):
    """State, times and steps of a launch are at the address that was given."""
    accepted = (await door.post({"title": "x", "key": "k"})).json()
    now = datetime.now(UTC)
    door.histories[accepted["incident_id"]] = History(
        incident_id=accepted["incident_id"],
        key="k",
        state=LaunchState.LAUNCHING,
        event=door.published[0],
        received_at=now,
        first_attempt_at=now,
    )
    answer = await door.http.get(accepted["status_url"])
    assert answer.status_code == 200
    assert History.model_validate(answer.json()).state is LaunchState.LAUNCHING


async def test_an_incident_that_nobody_began_is_404_and_says_so(door):
    """Who asks too early is told to ask again."""
    accepted = (await door.post({"title": "x"})).json()
    answer = await door.http.get(accepted["status_url"])
    assert "still in the queue" in refusal(answer, 404)["detail"]
    assert answer.headers["retry-after"] == "2"


@pytest.mark.parametrize("asked", ["inc-short", "INC-4H7K2M9XQZ", "x" * 1_000, "%00", "inc-4h7k2m9xqz'"])
async def test_what_is_no_incident_id_is_404(door, asked):
    """A wrong id never reaches the store."""
    door.outage = RuntimeError("asked the store")
    refusal(await door.http.get(f"/v1/incidents/{asked}"), 404)


async def test_an_outage_of_the_store_is_503(door):
    """A store that does not answer is no reason to call an incident unknown."""
    door.outage = Unreachable("down")
    refusal(await door.http.get(f"/v1/incidents/{incident_id('k')}"), 503)


TRACKED = f"{'0' * 32}-{'a' * 32}"


async def test_the_story_of_an_alert_is_shown(door):
    """What became of an alert, and why, is at its address."""
    told = AlertStatus(
        tracking_id=TRACKED,
        type="trigger",
        disposition=Disposition.JOINED,
        incident_id=incident_id("k"),
        because="joined it because its fingerprint is the same",
        received_at=datetime.now(UTC),
    )
    door.stories[TRACKED] = told
    answer = await door.http.get(f"/v1/alerts/{TRACKED}")
    assert answer.status_code == 200
    assert AlertStatus.model_validate(answer.json()) == told


@pytest.mark.parametrize("begun", [True, False])
async def test_what_ends_an_incident_names_it_once_it_is_there(door, begun):
    """A key that was never raised is no incident, and the reason says so."""
    told = AlertStatus(
        tracking_id=TRACKED,
        type="resolve",
        disposition="joined",
        incident_id="inc-4h7k2m9xqz",
        because="joined inc-4h7k2m9xqz because its sender named it by its key",
        received_at=datetime.now(UTC),
    )
    door.stories[TRACKED] = told
    if begun:
        now = datetime.now(UTC)
        door.histories["inc-4h7k2m9xqz"] = History(
            incident_id="inc-4h7k2m9xqz",
            key="k",
            state=LaunchState.LAUNCHED,
            event=Event(title="x"),
            received_at=now,
            first_attempt_at=now,
        )
    shown = AlertStatus.model_validate((await door.http.get(f"/v1/alerts/{TRACKED}")).json())
    assert shown.incident_id == ("inc-4h7k2m9xqz" if begun else None)
    assert shown.because.endswith("by its key" if begun else "no worker has begun that incident")


async def test_what_was_one_too_many_says_where_it_is(door):
    """A call is answered with the id of an incident; where its sender floods, that id leads to the flood."""
    answer = (await door.post({"title": "One too many"})).json()
    refusal(await door.http.get(answer["status_url"]), 404)
    door.stories[answer["incident_id"]] = AlertStatus(
        tracking_id=answer["incident_id"],
        type="trigger",
        disposition="joined",
        incident_id="inc-4h7k2m9xqz",
        because="joined inc-4h7k2m9xqz because prometheus opens more incidents than one sender may at a time",
        received_at=datetime.now(UTC),
    )
    shown = AlertStatus.model_validate((await door.http.get(answer["status_url"])).json())
    assert (shown.disposition, shown.incident_id) == ("joined", "inc-4h7k2m9xqz")


async def test_an_alert_that_nobody_has_seen_is_404_and_says_so(door):
    """Who asks too early is told to ask again."""
    answer = await door.http.get(f"/v1/alerts/{TRACKED}")
    assert "still in the queue" in refusal(answer, 404)["detail"]
    assert answer.headers["retry-after"] == "2"


@pytest.mark.parametrize("asked", ["azure-monitor", TRACKED.upper(), TRACKED[:-1], "x" * 1_000, "%00", f"{TRACKED}'"])
async def test_what_is_no_tracking_id_is_404(door, asked):
    """A wrong id never reaches the store."""
    door.outage = RuntimeError("asked the store")
    refusal(await door.http.get(f"/v1/alerts/{asked}"), 404)


async def test_an_outage_of_the_store_is_no_unknown_alert(door):
    """A store that does not answer is 503, and the sender asks again."""
    door.outage = Unreachable("down")
    refusal(await door.http.get(f"/v1/alerts/{TRACKED}"), 503)


async def test_liveness_asks_nothing_and_readiness_says_why(door):
    """A process without a queue is alive, and not ready for a reason."""
    door.unready = "The queue has not answered since 09:12."
    assert (await door.http.get("/livez")).status_code == 200
    answer = await door.http.get("/readyz")
    assert refusal(answer, 503)["detail"] == "The queue has not answered since 09:12."
    door.unready = None
    assert (await door.http.get("/readyz")).status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "status"), [("GET", "/", 404), ("POST", "/v1/incidents/", 404), ("PUT", "/v1/incidents", 405)]
)
async def test_unknown_addresses_are_refused_in_the_same_form(door, method, path, status):
    """The router's own refusals are problems too."""
    refusal(await door.http.request(method, path), status)


async def test_the_logs_name_ids_and_never_contents(door):
    """Accepted and refused calls are logged under stable names, without what was in them."""
    with structlog.testing.capture_logs() as lines:
        accepted = (await door.post({"title": "hunter2"})).json()
        await door.post({"title": "hunter2", "severity": ["hunter2"]})
    assert [line["event"] for line in lines] == ["intake.accepted", "intake.refused"]
    assert lines[0]["incident_id"] == accepted["incident_id"]
    assert lines[1]["fields"] == ["severity"]
    assert "hunter2" not in str(lines)


# What it publishes about itself


async def test_the_schema_is_the_one_in_the_package(door):
    """The schema at its address is the file in the package."""
    packaged = Path(worker.__file__).with_name("domain") / "event.schema.json"
    assert (await door.http.get("/v1/schema/event.json")).json() == json.loads(packaged.read_text())


async def test_the_openapi_document_names_every_route_and_resolves(door):
    """Every address is described, and every reference in the description leads somewhere."""
    document = (await door.http.get("/openapi.json")).json()
    assert document["openapi"].startswith("3.1")
    assert set(document["paths"]) == {
        "/v1/incidents",
        "/v1/incidents/{incident_id}",
        "/v1/incidents/{incident_id}/acts",
        "/v1/incidents/{incident_id}/timeline",
        "/v1/alerts",
        "/v1/alerts/{format}",
        "/v1/events",
        "/v2/enqueue",
        "/v2/change/enqueue",
        "/v2/alerts",
        "/v2/alerts/{identifier}/close",
        "/v2/alerts/{identifier}/acknowledge",
        "/v1/alerts/{tracking_id}",
        "/v1/on-call",
        "/v1/on-call/calendars/{token}.ics",
        "/v1/schema/event.json",
        "/v1/schema/problem.json",
        "/livez",
        "/readyz",
    }
    for reference in references(document):
        jsonschema.Draft202012Validator.check_schema(resolved(document, reference))


async def test_the_names_in_the_openapi_document_are_ones_that_generators_take(door):
    """Operations have one name each, and the names of components are without spaces."""
    document = (await door.http.get("/openapi.json")).json()
    operations = [operation["operationId"] for path in document["paths"].values() for operation in path.values()]
    components = [name for kind in document["components"].values() for name in kind]
    assert len(set(operations)) == len(operations)
    assert all(re.fullmatch(r"[\w.-]+", name) for name in operations + components)


def references(value):
    if isinstance(value, dict):
        yield from ([value["$ref"]] if isinstance(value.get("$ref"), str) else [])
        value = list(value.values())
    for child in value if isinstance(value, list) else []:
        yield from references(child)


def resolved(document, reference):
    """Within the document: generators and validators follow a reference to nowhere else."""
    assert reference.startswith("#/")
    target = document
    for part in reference.removeprefix("#/").split("/"):
        target = target[part]
    return target


@pytest.mark.parametrize(
    ("call", "body", "status"),
    [
        ("POST /v1/incidents", {"title": "Checkout is down"}, 202),
        ("POST /v1/incidents", {"title": "", "links": [{"href": "x"}]}, 422),
        ("GET /v1/incidents", None, 200),
        ("GET /v1/incidents?state=launched", None, 422),
        ("GET /v1/incidents/none", None, 404),
        ("GET /v1/alerts/none", None, 404),
        ("POST /v1/alerts", example("alertmanager"), 202),
        ("POST /v1/alerts", {"nothing": "known"}, 422),
        ("POST /v1/alerts/grafana", example("grafana"), 202),
        ("POST /v1/alerts/nothing", {}, 404),
        ("POST /v1/events", {}, 422),
        ("POST /v2/enqueue", {}, 400),
        ("POST /v2/change/enqueue", {}, 400),
        ("POST /v2/alerts", example("opsgenie"), 202),
        ("POST /v2/alerts/a/close", {}, 422),
        ("POST /v2/alerts/a/acknowledge?identifierType=alias", {}, 202),
        ("GET /v1/on-call/calendars/none.ics", None, 404),
        ("GET /livez", None, 200),
        ("GET /readyz", None, 200),
        ("GET /v1/schema/event.json", None, 200),
        ("GET /v1/schema/problem.json", None, 200),
    ],
)
async def test_what_is_answered_is_of_a_described_media_type_and_form(door, call, body, status):
    """As the document says it of that address, that method and that status."""
    document = (await door.http.get("/openapi.json")).json()
    method, path = call.split()
    answer = await door.http.request(method, path, json=body)

    assert answer.status_code == status
    described = operation(document, method, path)["responses"][str(status)]["content"]
    content = described[answer.headers["content-type"].partition(";")[0]]
    jsonschema.validate(answer.json(), {**content["schema"], "components": document["components"]})


def operation(document, method, path):
    """The first at an address of this form."""
    asked = path.partition("?")[0]
    paths = document["paths"].items()
    fitting = (described for form, described in paths if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", form), asked))
    return next(described[method.lower()] for described in fitting if method.lower() in described)


async def test_the_documents_describe_what_is_answered(door):
    """A refusal is of the form that its schema promises."""
    schema = (await door.http.get("/v1/schema/problem.json")).json()
    jsonschema.validate((await door.post({"title": ""})).json(), schema)


async def test_the_docs_page_loads_nothing_from_elsewhere(door):
    """The page for people works without a connection to the world, and shows every address."""
    answer = await door.http.get("/docs")
    assert "/v1/alerts/{format}" in answer.text
    assert "src=" not in answer.text
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")
