"""The doors for monitoring systems: every format, many alerts in one call, and their own ways to ask."""

import asyncio
import json
from http import HTTPStatus
from urllib.parse import urlencode

import pytest
from alert_examples import NAMES, example, findings
from doorstep import Doorstep, fields, refusal
from house_maps import VIGIL, vigil
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from mutations import JSON

from worker.alerts import alert_limit
from worker.alerts.detection import detect
from worker.alerts.formats import FORMATS
from worker.domain.alert_identity import tracking_id
from worker.domain.errors import Unreachable
from worker.domain.event import Event, decode, encode
from worker.domain.own_keys import RESERVED

EVENTS_OF = {name: sum(isinstance(finding, Event) for finding in findings(example(name))) for name in NAMES}
STRUCTURED, BATCH = "application/cloudevents+json", "application/cloudevents-batch+json"


def group(size):
    """An Alertmanager group of so many alerts."""
    payload = example("alertmanager")
    [model, *_] = payload["alerts"]
    alerts = [model | {"fingerprint": f"{number:016x}"} for number in range(size)]
    return payload | {"alerts": alerts}


@pytest.fixture
def door():
    return Doorstep()


@pytest.mark.parametrize("path", ["/v1/alerts/{}", "/v1/alerts"])
@pytest.mark.parametrize("name", [name for name, events in EVENTS_OF.items() if events])
async def test_every_format_is_taken_by_its_name_and_by_its_looks(door, name, path):
    """Each example of an alert is accepted at its format's own address, and at the one that finds the format itself."""
    answer = await door.post(example(name), path.format(detect(example(name))))
    assert answer.status_code == 202
    assert len(answer.json()["accepted"]) == len(door.published) == EVENTS_OF[name] > 0


async def test_both_addresses_make_the_same_event(door):
    """Which address a sender was given makes no difference to what is published."""
    await door.post(example("metric"), "/v1/alerts/azure-monitor")
    await door.post(example("metric"), "/v1/alerts")
    first, second = door.published
    assert first.id == second.id


@pytest.mark.parametrize("body", [[], {}, {"title": ""}, 5, [5], {"alerts": 5}])
async def test_what_is_of_no_format_is_refused_with_what_was_looked_for(door, body):
    """Who sends something else reads which formats there are, and where their marks are told."""
    detail = refusal(await door.post(body, "/v1/alerts"), 422)["detail"]
    assert "the marks of cloudevents, " in detail
    assert "`tocsin formats list`" in detail


# A house's own formats


@pytest.fixture
def house_door():
    return Doorstep(formats=VIGIL)


@pytest.mark.parametrize("path", ["/v1/alerts/vigil", "/v1/alerts"])
async def test_a_houses_own_format_is_taken_by_its_name_and_by_its_mark(house_door, path):
    """A map is an address like every other."""
    answer = await house_door.post(vigil(), path)
    assert answer.status_code == 202
    [event] = house_door.published
    assert (event.source, event.title) == ("vigil", "Login fails on shop.contoso.example")


async def test_a_houses_own_format_is_refused_by_its_field(house_door):
    """Who sends something else reads which expression found nothing."""
    told = refusal(await house_door.post(vigil(check={}), "/v1/alerts/vigil"), 422)
    assert told["errors"] == [{"field": "title", "message": "is required, and 'check.name' gives none"}]


async def test_an_unknown_format_is_answered_with_all_that_there_are(house_door):
    """A name that was mistyped is beside the right one, a house's own included."""
    detail = refusal(await house_door.post({}, "/v1/alerts/vigll"), 404)["detail"]
    assert detail == f"There is no such alert format; there are: vigil, {', '.join(FORMATS)}."


# At the address of another format


@pytest.mark.parametrize(
    ("name", "path", "read_as"),
    [
        ("grafana", "/v1/alerts/alertmanager", "grafana"),
        ("metric", "/v1/alerts/grafana", "azure-monitor"),
        ("cloudevents-fired", "/v1/alerts/azure-monitor", "cloudevents"),
        ("datadog", "/v1/alerts/native", "datadog"),
        ("metric", "/v1/events", "azure-monitor"),
    ],
)
async def test_an_alert_at_the_address_of_another_format_is_read_as_what_it_is(door, name, path, read_as):
    """A mistyped address costs no alert, changes no identity, and its sender is told."""
    answer = await door.post(example(name), path)
    assert (answer.status_code, answer.json()["read_as"]) == (202, read_as)
    told = [finding for finding in findings(example(name)) if isinstance(finding, Event)]
    assert [(event.source, event.fingerprint) for event in door.published] == [
        (event.source, event.fingerprint) for event in told
    ]


@pytest.mark.parametrize("name", ["grafana-resolved", "servicenow-resolved", "new-relic", "incident-io", "defender"])
async def test_a_systems_alert_at_the_address_of_incidents_is_read_as_what_it_is(door, name):
    """Its title alone makes it none of ours: what is over there opens nothing here."""
    assert (await door.post(example(name), "/v1/incidents")).status_code == 202
    [told], [event] = findings(example(name)), door.published
    assert (event.type, event.source, event.fingerprint) == (told.type, told.source, told.fingerprint)


@pytest.mark.parametrize("payload", [example("alertmanager"), {"title": "x", "eventType": "git.push", "resource": {}}])
async def test_what_is_no_single_alert_is_told_where_it_is_taken(door, payload):
    """The answer of this address has room for one."""
    problem = refusal(await door.post(payload, "/v1/incidents"), 422)
    assert "It looks like one of the format" in problem["detail"]
    assert door.published == []


async def test_nobody_is_told_of_another_format_at_the_right_address(door):
    """The field is there only where it says something."""
    assert "read_as" not in (await door.post(example("grafana"), "/v1/alerts/grafana")).json()


async def test_what_is_refused_at_a_wrong_address_is_told_the_right_one(door):
    """What bears a mark and cannot be read says as what it was read, and where that is sent."""
    detail = refusal(await door.post({"specversion": "1.0"}, "/v1/alerts/grafana"), 422)["detail"]
    assert detail.startswith("The body is not an alert of the format cloudevents. It was read as that")
    assert detail.endswith("its address is /v1/events.")


async def test_what_looks_like_a_houses_own_format_is_told_its_address(house_door):
    """It is refused as what it was sent as, with what it looks like; at the address of native events too."""
    for path in ("/v1/alerts/grafana", "/v1/incidents"):
        detail = refusal(await house_door.post(vigil(), path), 422)["detail"]
        assert "It looks like one of the format vigil, whose address is /v1/alerts/vigil." in detail


async def test_an_alert_that_may_be_folded_is_followed_by_its_own_address(door):
    """It may belong to an incident that is open, so what becomes of it is asked of the alert."""
    [accepted] = (await door.post(example("metric"), "/v1/alerts")).json()["accepted"]
    [event] = door.published
    assert accepted["status_url"] == f"/v1/alerts/{tracking_id(event)}"
    assert accepted["incident_id"] is None


@pytest.mark.parametrize("kind", ["resolve", "acknowledge"])
@pytest.mark.parametrize("named", [{"key": "k"}, {"fingerprint": "f"}, {"key": "k", "fingerprint": "f"}])
@pytest.mark.parametrize("path", ["/v1/incidents", "/v1/alerts/native"])
async def test_what_opens_no_incident_names_none(door, kind, named, path):
    """The one that it is about may never have been raised, however it is named; the alert can be followed."""
    answer = (await door.post({"title": "x", "type": kind, **named}, path)).json()
    [accepted] = answer.get("accepted", [answer])
    assert accepted["incident_id"] is None
    assert accepted["status_url"] == f"/v1/alerts/{tracking_id(door.published[0])}"


async def test_a_report_that_nobody_looked_up_names_no_incident(door):
    """With a key that is nobody's it becomes an incident of its own, and is followed as an alert."""
    answer = (await door.post({"title": "x", "type": "report", "key": "k"})).json()
    assert answer["incident_id"] is None
    assert answer["status_url"] == f"/v1/alerts/{tracking_id(door.published[0])}"


@pytest.mark.parametrize("path", ["/v1/incidents", "/v1/alerts/native"])
@pytest.mark.parametrize("found", [None, Unreachable("away")])
async def test_a_key_that_may_belong_to_an_open_incident_names_none(door, path, found):
    """Known by a worker alone, or not within a second: the alert is followed, and nothing is refused."""
    door.opened = found
    answer = (await door.post({"title": "x", "key": "k"}, path)).json()
    [accepted] = answer.get("accepted", [answer])
    assert accepted["incident_id"] is None
    assert accepted["status_url"] == f"/v1/alerts/{tracking_id(door.published[0])}"


@pytest.mark.parametrize("path", ["/v1/incidents", "/v1/alerts/native"])
async def test_a_key_that_was_told_before_names_the_incident_that_has_it(door, path):
    """What the store knows of this very call is answered."""
    door.opened = "inc-4h7k2m9xqz"
    answer = (await door.post({"title": "x", "key": "k"}, path)).json()
    [accepted] = answer.get("accepted", [answer])
    assert (accepted["incident_id"], accepted["status_url"]) == (door.opened, f"/v1/incidents/{door.opened}")


@pytest.mark.parametrize("path", ["/v1/incidents", "/v1/alerts/native"])
@pytest.mark.parametrize("kind", ["trigger", "resolve"])
async def test_the_same_bytes_by_key_are_another_event_unless_it_is_the_same_call(door, path, kind):
    """The queue drops no second firing of a key as a copy of the first, and keeps no repetition of one call."""
    for header in ({}, {}, {"Idempotency_Key": "7"}, {"Idempotency_Key": "7"}):
        await door.post({"title": "x", "key": "k", "type": kind}, path, **header)
    ids = [event.id for event in door.published]
    assert len(set(ids)) == 3
    assert ids[2] == ids[3]


@pytest.mark.parametrize("header", [{}, {"idempotency_key": "7"}])
async def test_a_fingerprint_is_grouped_by_whatever_way_it_comes(door, header):
    """A key that only tells one call from another decides no incident."""
    answer = (await door.post({"title": "x", "fingerprint": "f"}, **header)).json()
    assert (answer["incident_id"], answer["status_url"]) == (None, f"/v1/alerts/{tracking_id(door.published[0])}")


@pytest.mark.parametrize("body", [{"title": "x"}, {"title": "x", "key": "k", "fingerprint": "f"}])
async def test_what_opens_an_incident_of_its_own_is_followed_as_that(door, body):
    """Whatever names its incident, or nothing by which it could be grouped, leads to the launch."""
    answer = await door.post(body)
    assert answer.json()["status_url"] == f"/v1/incidents/{answer.json()['incident_id']}"


async def test_a_native_event_with_a_fingerprint_is_followed_as_an_alert(door):
    """Our own event is grouped like any other, and Location says the same as the body."""
    answer = await door.post({"title": "x", "fingerprint": "f"})
    assert answer.json()["status_url"] == answer.headers["location"] == f"/v1/alerts/{tracking_id(door.published[0])}"


# Many in one call


async def test_a_group_is_answered_in_its_order(door):
    """Each alert of a call is in the answer at its place."""
    answer = await door.post(group(120), "/v1/alerts/alertmanager")
    by_id = {event.id: event for event in door.published}
    told = [by_id[accepted["event_id"]].raw["alerts"][0]["fingerprint"] for accepted in answer.json()["accepted"]]
    assert told == [f"{number:016x}" for number in range(120)]


class Pier:
    """Lets events through in waves, once as many wait as will."""

    def __init__(self):
        self.waiting = 0
        self.most = 0
        self.waves = 0
        self._turn = asyncio.Event()

    async def publish(self, _event):
        self.waiting += 1
        self.most = max(self.most, self.waiting)
        turn = self._turn
        asyncio.get_running_loop().call_soon(self._look, self.waiting)
        await turn.wait()

    def _look(self, seen):
        if seen != self.waiting:
            return
        self.waiting, self.waves = 0, self.waves + 1
        self._turn.set()
        self._turn = asyncio.Event()


async def test_a_group_of_five_hundred_is_published_many_at_a_time(door):
    """A large group takes few round trips to the queue, and never more at once than leaves room for others."""
    pier = Pier()
    door.publishing = pier.publish
    answer = await door.post(group(500), "/v1/alerts/alertmanager")
    assert len(answer.json()["accepted"]) == 500
    assert pier.most == 50
    assert pier.waves <= 20


async def test_a_group_of_which_a_part_fails_is_sent_again_as_a_whole(door):
    """The sender is asked to come again, and what the queue has by then has the same ids the second time."""
    left = 70

    async def fail_after_a_while(event):
        nonlocal left
        left -= 1
        if left < 0:
            raise Unreachable("gone")
        door.published.append(event)

    door.publishing = fail_after_a_while
    answer = await door.post(group(120), "/v1/alerts/alertmanager")
    refusal(answer, 503)
    assert int(answer.headers["retry-after"]) >= 1
    first = {event.id for event in door.published}
    door.publishing = None
    assert (await door.post(group(120), "/v1/alerts/alertmanager")).status_code == 202
    assert 0 < len(first) < 120
    assert len({event.id for event in door.published}) == 120


async def test_what_is_ignored_stands_beside_what_is_accepted(door):
    """A change among the events of a batch is ignored with a reason, and costs the others nothing."""
    change = example("pagerduty-change") | {"event_action": "change"}
    batch = [example("cloudevents-fired"), example("cloudevents-fired") | {"data": change}]
    answer = (await door.post(batch, "/v1/events", Content_Type=BATCH)).json()
    assert len(answer["accepted"]) == 1
    assert "change" in answer["ignored"][0]["reason"]


@pytest.mark.parametrize(
    ("path", "size", "status"),
    [
        ("/v1/incidents", 200_001, 413),
        ("/v1/alerts/alertmanager", 8_000_001, 413),
        ("/v1/alerts", 8_000_001, 413),
        ("/v1/events", 8_000_001, 413),
        ("/v1/alerts/alertmanager", 1_999_999, 202),
        ("/v2/enqueue", 512 * 1024 + 1, 413),
        ("/v2/enqueue", 512 * 1024, 202),
    ],
)
async def test_each_address_has_its_limit(door, path, size, status):
    """A group of alerts may be larger than one event, and each address says what is too much."""
    payload = example("pagerduty-trigger") if "/v2" in path else example("alertmanager")
    body = json.dumps(payload).encode()
    answer = await door.post(body + b" " * (size - len(body)), path)
    assert answer.status_code == status


# In other wrappings


async def test_a_form_is_unwrapped(door):
    """Datadog's switch `Encode as form` is as good as JSON."""
    form = urlencode({"payload": json.dumps(example("datadog"))})
    for path in ("/v1/alerts/datadog", "/v1/alerts"):
        answer = await door.post(form, path, Content_Type="application/x-www-form-urlencoded; charset=utf-8")
        assert answer.status_code == 202
    first, second = door.published
    assert first.id == second.id


async def test_json_that_calls_itself_a_form_is_json(door):
    """Tools that never set a content type send this one."""
    answer = await door.post(example("datadog"), "/v1/alerts", Content_Type="application/x-www-form-urlencoded")
    assert answer.status_code == 202


def binary(event, **others):
    """Headers and body of the binary form."""
    attributes = {name: value for name, value in event.items() if name not in {"data", "datacontenttype"}}
    headers = {f"ce-{name}": value for name, value in attributes.items()}
    return headers | {"content-type": "application/json"} | others, json.dumps(event["data"])


@pytest.mark.parametrize("path", ["/v1/events", "/v1/alerts", "/v1/alerts/cloudevents"])
async def test_the_forms_of_a_cloudevent_say_the_same(door, path):
    """Structured, in a batch and binary, it is one event."""
    event = example("cloudevents-fired")
    headers, body = binary(event)
    answers = [
        await door.post(event, path, Content_Type=STRUCTURED),
        await door.post([event], path, Content_Type=f"{BATCH}; charset=utf-8"),
        await door.http.post(path, content=body, headers=headers),
    ]
    assert [answer.status_code for answer in answers] == [202, 202, 202]
    assert len({event.id for event in door.published}) == 1


async def test_attributes_in_headers_are_decoded(door):
    """Header values are percent-encoded, and names are in any case."""
    headers, body = binary(example("cloudevents-fired"), **{"CE-Subject": "caf%C3%A9%20%2F%25"})
    del headers["ce-subject"]
    assert (await door.http.post("/v1/events", content=body, headers=headers)).status_code == 202
    assert door.published[0].resources == ("café /%",)


@pytest.mark.parametrize(
    ("content_type", "data", "description"),
    [("text/plain", b"The boiler is cold", "The boiler is cold"), ("application/octet-stream", b"\xff\xfe", "��")],
)
async def test_data_that_is_no_json_is_kept_as_it_is(door, content_type, data, description):
    """Text is told in the description, and bytes are kept in base 64."""
    headers, _ = binary(example("cloudevents-fired"), **{"content-type": content_type})
    await door.http.post("/v1/events", content=data, headers=headers)
    assert door.published[0].description == description


@pytest.mark.parametrize("content_type", ["text/plain", "application/cloudevents+avro", "application/xml", "nonsense"])
async def test_an_unknown_content_type_is_refused_with_the_known_ones(door, content_type):
    """Who sends a CloudEvent in a form that is not read here learns which are."""
    answer = await door.post(example("cloudevents-fired"), "/v1/events", Content_Type=content_type)
    assert STRUCTURED in refusal(answer, 415)["detail"]


async def test_half_a_cloudevent_is_refused_by_field(door):
    """Whether an attribute is missing in a header or in the body, it is named."""
    headers, body = binary(example("cloudevents-fired"))
    del headers["ce-id"]
    assert "id" in fields(refusal(await door.http.post("/v1/events", content=body, headers=headers), 422))
    assert "id" in fields(refusal(await door.post({"specversion": "1.0"}, "/v1/events"), 422))


async def test_data_that_is_not_what_its_type_says_is_refused(door):
    """JSON that is none is named as that."""
    headers, _ = binary(example("cloudevents-fired"))
    refusal(await door.http.post("/v1/events", content=b"{", headers=headers), 400)


# The handshake of CloudEvents


@pytest.mark.parametrize("path", ["/v1/events", "/v1/alerts", "/v1/alerts/cloudevents"])
async def test_a_sender_that_asks_first_is_welcome(door, path):
    """Event Grid sends nothing to an address that has not agreed to it."""
    answer = await door.http.options(path, headers={"WebHook-Request-Origin": "eventgrid.azure.net"})
    assert answer.status_code == 200
    assert answer.headers["webhook-allowed-origin"] == "eventgrid.azure.net"
    assert answer.headers["webhook-allowed-rate"] == "*"
    assert "POST" in answer.headers["allow"]


async def test_nobody_is_promised_anything_that_did_not_ask(door):
    """Without an origin there is nothing to agree to."""
    answer = await door.http.options("/v1/events")
    assert answer.status_code == 200
    assert "webhook-allowed-origin" not in answer.headers


async def test_a_stranger_is_promised_nothing():
    """An address agrees to be sent to only where the sender has a key."""
    locked = Doorstep(intake_keys={"grid": "0" * 64})
    refusal(await locked.http.options("/v1/events", headers={"WebHook-Request-Origin": "eventgrid.azure.net"}), 401)


# More than is read


@pytest.mark.parametrize("path", ["/v1/alerts", "/v1/alerts/alertmanager"])
async def test_of_more_alerts_than_anybody_groups_the_first_are_taken(door, path, monkeypatch):
    """The sender reads how many were left out, and so do people."""
    monkeypatch.setattr(alert_limit, "ALERTS_LIMIT", 20)
    answer = await door.post({"receiver": "x", "alerts": [{}] * 70}, path)
    assert answer.status_code == 202
    assert len(answer.json()["accepted"]) == len(door.published) == 20
    [left_out] = answer.json()["ignored"]
    assert left_out["reason"].startswith("50 more alerts of the same call were left out by Tocsin")
    assert left_out["reason"] in door.published[0].description


async def test_a_group_of_more_than_a_megabyte_is_taken(door):
    """A storm of ordinary alerts, each with what its annotations say."""
    large = group(60)
    for alert in large["alerts"]:
        alert["annotations"] = {"summary": "down", "description": "x" * 20_000}
    assert len(json.dumps(large)) > 1_000_000
    answer = await door.post(large, "/v1/alerts/alertmanager")
    assert (answer.status_code, len(door.published), answer.json()["ignored"]) == (202, 60, [])


async def test_what_nobody_can_read_is_refused_with_what_to_do(door):
    """Beyond the hard limit nothing is read, and the sender is told how to send less."""
    problem = refusal(await door.post(b" " * 8_000_001, "/v1/alerts/alertmanager"), 413)
    assert "max_alerts" in problem["detail"]
    assert door.published == []


async def test_an_alert_that_is_too_large_to_keep_costs_no_other(door):
    """It is launched without its raw form, and so are those beside it."""
    two = group(2)
    two["alerts"][0]["annotations"] = {"description": "x" * 2_500_000}
    assert (await door.post(two, "/v1/alerts/alertmanager")).status_code == 202
    raws = sorted((event.raw for event in door.published), key=lambda raw: isinstance(raw, dict))
    assert raws[0] == "Left out by the intake: too large to be carried along."
    assert raws[1]["alerts"] == [two["alerts"][1]]


# Whatever comes


KINDS = ["application/json", STRUCTURED, BATCH, "application/x-www-form-urlencoded", "text/plain", ""]
PATHS = ["/v1/alerts", "/v1/events", "/v2/enqueue", *(f"/v1/alerts/{name}" for name in FORMATS)]


@given(
    body=st.binary(max_size=300) | JSON.map(json.dumps),
    kind=st.sampled_from(KINDS),
    path=st.sampled_from(PATHS),
    marks=st.dictionaries(st.sampled_from(["ce-id", "ce-specversion", "ce-type", "ce-source"]), st.just("1.0%")),
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
async def test_no_body_brings_a_door_down(door, body, kind, path, marks):
    """Whatever is posted is accepted or refused, and what is accepted is readable by the worker."""
    answer = await door.http.post(path, content=body, headers={"content-type": kind} | marks)
    assert HTTPStatus(answer.status_code) in {202, 400, 415, 422}, answer.text
    for event in door.published:
        assert isinstance(decode(encode(event)), Event)
    door.published.clear()


@pytest.mark.parametrize("beginning", RESERVED)
@pytest.mark.parametrize("kind", ["trigger", "resolve", "acknowledge", "no-longer-reported", "report"])
async def test_a_key_of_ours_is_taken_from_nobody(door, beginning, kind):
    """By whatever way it comes: who knows the key of another's incident could act as its sender."""
    native = {"title": "x", "key": f" {beginning}1", "type": kind}
    cloud = {"specversion": "1.0", "id": "1", "source": "/s", "type": "com.contoso.alert", "data": native}
    paths = {"/v1/incidents": native, "/v1/alerts/native": native, "/v1/alerts": native, "/v1/events": cloud}
    for path, body in (*paths.items(), ("/v1/alerts/native", [{"title": "y"}, native])):
        refused = refusal(await door.post(body, path), 422)
        assert [fault["field"] for fault in refused["errors"]] == ["key"], path
        assert f"begins with {beginning}" in refused["errors"][0]["message"]
    assert door.published == []


@pytest.mark.parametrize("path", ["/v1/incidents", "/v1/alerts/native"])
async def test_what_the_intake_writes_into_an_event_is_its_own(door, path):
    """Whoever claims another's name, call or remainder is heard without that."""
    claimed = {"sender": "desk", "call": "7", "remainder": f"{'0' * 64}-{'0' * 64}"}
    await door.post({"title": "x", "key": "k", **claimed}, path)
    [event] = door.published
    assert (event.call, event.remainder) == ("", None)
    assert event.sender != "desk"
