"""A map reads its payloads as every other format does: bounded, by fields that enrich or cost the alert."""

import json
from contextlib import suppress

import pytest
from house_maps import VIGIL, ended, house_of, vigil
from hypothesis import given, settings
from hypothesis import strategies as st
from jmespath.visitor import Visitor
from mutations import JSON, altered, paths

from worker.alerts import alert_limit
from worker.alerts.detection import detect
from worker.alerts.format import Ignored, NotThisFormat
from worker.alerts.formats import known_formats
from worker.alerts.mapping.map_files import read_formats
from worker.alerts.parsing import read_alerts
from worker.alerts.reading import Reading
from worker.alerts.severities import Severities
from worker.domain.event import Event, encode

[HOUSE] = read_formats(VIGIL)
read = HOUSE.format.read
ACME = "name: acme\ntitle: title\n"
STATEFUL = f"{ACME}fingerprint: id\n"
HUGE = st.sampled_from(["x" * 50_000, 10**300, ["y"] * 2_000, {f"k{number}": "v" for number in range(500)}])
NEEDED = [("results",), ("results", 0), ("results", 0, "check"), ("results", 0, "check", "name")]
PLACES = [path for path in paths(vigil()) if path not in NEEDED]


def event_of(payload, house=HOUSE):
    [event] = house.format.read(payload)
    assert isinstance(event, Event)
    return event


def refusal_of(payload, house=HOUSE):
    with pytest.raises(NotThisFormat) as refusal:
        house.format.read(payload)
    return str(refusal.value)


def test_the_example_of_the_documentation_becomes_this():
    """Every field of the page's map is in the event."""
    assert event_of(vigil()).model_dump(mode="json", exclude={"raw", "fingerprint"}, exclude_defaults=True) == {
        "title": "Login fails on shop.contoso.example",
        "severity": 1,
        "service": "checkout",
        "description": "The login page answered 503 three times in a row.",
        "detection_source": "monitoring",
        "occurred_at": "2026-03-02T09:15:04Z",
        "source": "vigil",
        "links": [
            {"href": "https://vigil.contoso.example/checks/4711", "text": "Check"},
            {"href": "https://wiki.contoso.example/login", "text": "Runbook"},
        ],
        "resources": ["shop.contoso.example"],
        "labels": {"site": "eu-west", "probe": "frankfurt-2"},
    }
    assert event_of(vigil()).raw == vigil()["results"][0]


@pytest.mark.parametrize(
    ("verdict", "kind", "reason"),
    [
        ("down", "trigger", ""),
        ("DOWN ", "trigger", ""),
        ("up", "resolve", ""),
        ("closed", "resolve", ""),
        ("acknowledged", "acknowledge", ""),
        ("Paused", "no-longer-reported", "Paused"),
        ("deleted", "no-longer-reported", "deleted"),
        ("never heard of", "trigger", ""),
        (None, "trigger", ""),
        ({"is": "up"}, "trigger", ""),
    ],
)
def test_a_state_is_told_by_its_word(verdict, kind, reason):
    """The map's own words, then usual ones; what nobody knows fires, so that nothing is lost."""
    event = event_of(ended() | vigil(verdict=verdict, until="2026-03-02T09:40:00Z"))
    assert (event.type, event.state_reason) == (kind, reason)
    assert (event.resolved_at is not None) == (kind in {"resolve", "no-longer-reported"})


def test_the_beginning_and_the_end_are_one_thing():
    """Text, times and what was measured change; check and target do not."""
    end = event_of(ended(message="Well again", level="P3", since=None, probe="oslo-1"))
    assert end.fingerprint == event_of(vigil()).fingerprint
    assert end.fingerprint != event_of(vigil(target="api.contoso.example")).fingerprint != ""
    assert end.resolved_at.isoformat() == "2026-03-02T09:40:00+00:00"


def test_what_is_to_be_ignored_launches_nothing():
    """A rehearsal is understood, and said to be one."""
    [ignored] = read(vigil(verdict="Rehearsal"))
    assert isinstance(ignored, Ignored)
    assert "'Rehearsal'" in ignored.reason


def test_an_end_that_names_nothing_is_ignored():
    """What is over cannot be found without what it is known by."""
    [ignored] = read(ended(check={"name": "Login fails"}, target=None))
    assert "its fingerprint is empty" in ignored.reason


@pytest.mark.parametrize(
    ("text", "payload", "kind", "first"),
    [
        ("blind", {"id": 1, "title": "x", "severity": "critical", "blind": True}, "trigger", "nothing was measured"),
        ("why", {"id": 1, "title": "x", "severity": 1, "why": "No data."}, "trigger", "Low confidence: No data."),
        ("why", {"id": 1, "title": "x", "state": "ok", "why": "timeout"}, "no-longer-reported", "timeout"),
    ],
)
def test_what_rests_on_no_measurement_is_no_certainty(tmp_path, text, payload, kind, first):
    """It says so first, does not wake anybody as critical, and its end is no all-clear."""
    house = house_of(
        tmp_path, f"{STATEFUL}severity: severity\nstate: state\nlow_confidence: {text}\ndescription: body\n"
    )
    event = event_of(payload | {"body": "More"}, house)
    assert event.type == kind
    assert event.severity == 3
    assert first in event.description.partition("\n\n")[0]
    assert event.description.endswith("\n\nMore")


def test_what_is_confident_says_nothing_of_it(tmp_path):
    """False, null and an empty text are no reason for doubt."""
    house = house_of(tmp_path, f"{ACME}severity: {{constant: critical}}\nlow_confidence: why\n")
    for why in (False, None, "", []):
        assert event_of({"title": "x", "why": why}, house).description == ""
        assert event_of({"title": "x", "why": why}, house).severity == 1


def test_severities_are_those_of_the_map_then_of_the_settings():
    """The setting is the stronger, as for every format; a word that nobody knows is told."""
    assert [event_of(vigil(level=level)).severity for level in ("p2", "P3", "Sev0", 4)] == [2, 3, 1, 4]
    unread = event_of(vigil(level="Lavender"))
    assert (unread.severity, unread.unread_severity) == (3, "Lavender")
    [event] = read(vigil(), Severities.read("vigil.p1=5", ["vigil"]))
    assert event.severity == 5


@pytest.mark.parametrize(
    ("payload", "words"),
    [
        ({"origin": "vigil"}, "alerts: must be an object or a list of objects, and 'results' gives neither"),
        ({"results": "x"}, "alerts: must be an object"),
        ({"results": [1, "x"]}, "alerts: must be an object"),
        ([], "alerts: must be an object"),
        ({"results": [{"check": {"name": " "}}]}, "title: is required, and 'check.name' gives none"),
        ({"results": [{"check": {"name": ["x"]}}, {}]}, "title: is required"),
    ],
)
def test_what_is_needed_is_named(payload, words):
    """Who sends something else reads which field it was, and which expression found nothing."""
    assert f"not of the format vigil: {words}" in refusal_of(payload)


def test_one_that_cannot_be_read_does_not_cost_the_others():
    """An alert without a title is still one beside others, and what is no object is told."""
    payload = vigil()
    payload["results"] += [{"target": "db-7", "verdict": "down"}, "noise"]
    first, second, third = read(payload)
    assert (first.title, second.title) == (
        "Login fails on shop.contoso.example",
        "Alert of vigil without a title on db-7",
    )
    assert isinstance(third, Ignored)
    [none] = read({"results": []})
    assert none.reason == "The payload has no alerts."


def test_an_object_or_the_whole_payload_is_one_alert(tmp_path):
    """A tool that sends one alert needs no list; a list at the top is many."""
    house = house_of(tmp_path, f"{ACME}service: team\n")
    assert event_of({"title": "x", "team": "pay"}, house).service == "pay"
    assert [event.title for event in house.format.read([{"title": "a"}, {"title": "b"}])] == ["a", "b"]
    assert event_of({"one": {"title": "x"}}, house_of(tmp_path, f"{ACME}alerts: one\n")).title == "x"


def test_labels_and_links_come_whole_or_one_by_one(tmp_path):
    """One expression for all of them, as tools have them; what is no address is left out."""
    house = house_of(
        tmp_path, f"{ACME}labels: tags\nlinks: urls\nresources: [hosts, db.name]\nimpact: {{constant: EU}}\n"
    )
    payload = {
        "title": "x",
        "tags": ["env:prod", "tier=1", {"key": "team", "value": "pay"}],
        "urls": ["https://a.contoso.example", "no address", {"href": "https://b.contoso.example", "text": "B"}],
        "hosts": ["web-1", "web-2", 7, None],
        "db": {"name": "orders"},
    }
    event = event_of(payload, house)
    assert event.labels == {"env": "prod", "tier": "1", "team": "pay"}
    assert [(link.href, link.text) for link in event.links] == [
        ("https://a.contoso.example", "Source"),
        ("https://b.contoso.example", "B"),
    ]
    assert event.resources == ("web-1", "web-2", "7", "orders")
    assert event.impact == "EU"


@pytest.mark.parametrize(
    ("said", "source"),
    [("customer report", "customer-report"), ("SUPPORT", "support"), ("rumour", "monitoring"), (None, "monitoring")],
)
def test_who_saw_it_is_a_word_that_we_have(tmp_path, said, source):
    """In the way in which people write it; else a tool tells of itself."""
    house = house_of(tmp_path, f"{ACME}detection_source: by\n")
    assert event_of({"title": "x", "by": said}, house).detection_source == source


def test_a_mark_makes_it_recognised_before_others_and_in_a_cloud_event():
    """What a house says of its own payload is the most particular; without a mark nothing is guessed."""
    formats = known_formats((HOUSE,))
    payload = vigil() | {"title": "would be native"}
    assert detect(payload, formats) == "vigil"
    assert [event.title for event in read_alerts(None, [payload, payload], Reading(house=(HOUSE,)))] == [
        "Login fails on shop.contoso.example"
    ] * 2
    assert detect(payload) == "native"
    cloud = {"specversion": "1.0", "id": "1", "source": "/vigil", "type": "vigil.fired", "data": vigil()}
    [event] = formats["cloudevents"].read(cloud)
    assert event.title == "Login fails on shop.contoso.example"


def test_a_format_without_a_mark_is_read_only_by_its_name(tmp_path):
    """It is asked for, and never found."""
    house = house_of(tmp_path, "name: acme\ntitle: name\n")
    assert detect({"name": "x"}, known_formats((house,))) is None


@pytest.mark.parametrize("mark", ["kind", "[0]", "length(@)", "contains(@, 'x')"])
@settings(max_examples=20)
@given(payload=JSON)
def test_any_payload_is_recognised_or_not(tmp_path_factory, mark, payload):
    """No JSON brings a mark down."""
    house = house_of(tmp_path_factory.mktemp("maps"), f'{ACME}mark: "{mark}"\n')
    assert house.format.mark.is_borne_by(payload) in {True, False}


@given(payload=JSON)
def test_any_payload_is_read_or_refused(payload):
    """No JSON brings a map down, and what it reads fits into a message."""
    for content in (payload, {"results": payload}, {"results": [payload]}):
        with suppress(NotThisFormat):
            for finding in read(content):
                assert isinstance(finding, Ignored) or encode(finding)
            HOUSE.trace(content)


@settings(max_examples=50)
@given(place=st.sampled_from(PLACES), value=st.none() | JSON | HUGE)
def test_no_alert_is_lost_for_a_field_of_another_shape(place, value):
    """With any one field null, of another type or huge, the alert is still an event, but where it says to ignore it."""
    [finding] = read(altered(vigil(), *place, value=value))
    assert isinstance(finding, Event)
    assert encode(finding)


@given(message=st.text(max_size=30))
def test_a_fingerprint_knows_no_text(message):
    """Whatever people wrote, the identity is what the map names."""
    assert event_of(vigil(message=message)).fingerprint == event_of(vigil()).fingerprint


def test_what_all_alerts_share_is_bounded():
    """It is there for every alert of a call, so nobody makes a megabyte of it a thousand times over."""
    payload = vigil() | {"site": {"name": "x" * 900_000, "console": ["y" * 900_000]}}
    event = event_of(payload)
    assert len(event.labels["site"]) <= 256
    assert [link.text for link in event.links] == ["Runbook"]
    [given] = [each for each in HOUSE.trace(payload)[0] if each.field == "labels.site"]
    assert len(given.value) == 4_000


def test_the_cost_is_linear_in_the_payload(monkeypatch, tmp_path):
    """Twice the alerts, each with twice the tags, are at most four times the steps of the evaluation."""
    house = house_of(tmp_path, f'{ACME}alerts: all[*]\nresources: ["tags[*].name", "*.*[].name", sort(keys(@))]\n')
    steps = []
    visit = Visitor.visit
    monkeypatch.setattr(Visitor, "visit", lambda self, *args: steps.append(1) or visit(self, *args))

    def cost(size):
        steps.clear()
        house.format.read({"all": [{"title": "x", "tags": [{"name": "n"}] * size}] * size})
        return len(steps)

    assert cost(60) <= 4.1 * cost(30)


def test_of_too_many_the_worst_that_fire_are_read(monkeypatch):
    """What was not read is told with each that was, and to the sender."""
    monkeypatch.setattr(alert_limit, "ALERTS_LIMIT", 2)
    payload = vigil()
    told = [("low", "P3", "down"), ("over", "P1", "up"), ("worst", "P1", "down"), ("bad", "P2", "down")]
    [alert] = payload["results"]
    payload["results"] = [
        alert | {"check": {"name": name}, "level": level, "verdict": verdict} for name, level, verdict in told
    ]
    *events, left_out = read_alerts("vigil", payload, Reading(house=(HOUSE,)))
    assert [event.title.split()[0] for event in events] == ["worst", "bad"]
    assert all("2 more alerts of the same call were left out" in event.description for event in events)
    assert left_out.count == 2


def test_a_large_alert_is_bounded():
    """Ten thousand of everything leave an event that a person can read."""
    many = [f"name{number}:{number}" for number in range(10_000)]
    event = event_of(
        json.loads(json.dumps(vigil(target=many, message=many, check={"name": "x" * 5_000, "team": many})))
    )
    assert len(event.resources) <= 50
    assert len(event.title) <= 500
    assert len(encode(event)) < 600_000
