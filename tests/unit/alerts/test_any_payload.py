"""Whatever is sent, a parser gives events or refuses in its own way, and loses no alert that still says what it is."""

import json
import random
from contextlib import suppress

import pytest
from alert_examples import NAMES, event_of, example, fields_of, findings, varied
from hypothesis import given
from hypothesis import strategies as st
from mutations import JSON, altered, paths

from worker.alerts.detection import detect
from worker.alerts.format import Ignored, NotThisFormat
from worker.alerts.formats import FORMATS
from worker.domain.event import Event, encode

HUGE = st.sampled_from(["x" * 50_000, 10**300, -1e308, ["y"] * 2_000, {f"k{number}": "v" for number in range(500)}])
MARKED = ("title", "alerts", "version", "schemaId", "schema", "orgId", "receiver", "payload", "data", "event_action")
OTHER_NAMES = sorted(example("native-desk").keys() - Event.model_fields.keys() - {"short_description"})
# Where something of another shape stands in what an alert cannot do without, it is not of its format.
PLACES = [
    (name, path)
    for name in NAMES
    if not name.startswith("native")
    for path in paths(example(name))
    if path[-1] not in fields_of(FORMATS[detect(example(name))].minimum)
]


def turned(value):
    """The same payload in another order."""
    if isinstance(value, dict):
        return {key: turned(child) for key, child in reversed(value.items())}
    return [turned(child) for child in reversed(value)] if isinstance(value, list) else value


def alerts_of(found):
    return [finding for finding in found if isinstance(finding, Event)]


@given(format_name=st.sampled_from(list(FORMATS)), payload=JSON)
def test_any_payload_is_read_or_refused(format_name, payload):
    """No JSON brings a parser down, and what it reads fits into a message."""
    with suppress(NotThisFormat):
        for finding in findings(payload, format_name):
            assert isinstance(finding, Ignored) or encode(finding)


@given(payload=JSON)
def test_any_payload_is_recognised_or_not(payload):
    """No JSON brings the recognition down."""
    assert detect(payload) in {None, *FORMATS}


@given(marks=st.fixed_dictionaries({}, optional=dict.fromkeys(MARKED, JSON)))
def test_a_payload_that_bears_a_mark_is_read_or_refused(marks):
    """What calls itself of a format, and is not, is refused as every other."""
    if (name := detect(marks)) in FORMATS:
        with suppress(NotThisFormat):
            findings(marks, name)


@given(place=st.sampled_from(PLACES), value=st.none() | JSON | HUGE)
def test_no_alert_is_lost_for_a_field_of_another_shape(place, value):
    """With any one field null, of another type or huge, each alert that says what it is is still an event."""
    name, path = place
    before, after = findings(example(name)), findings(varied(name, *path, value=value), detect(example(name)))
    # An alert of a group that is none any more is the only one that cannot be read.
    spared = len(path) != 2 or path[0] != "alerts"
    assert len(after) == len(before)
    assert not spared or len(alerts_of(after)) >= len(alerts_of(before))


@given(field=st.sampled_from(OTHER_NAMES), value=JSON | HUGE)
def test_no_record_of_a_service_desk_is_lost_for_a_field_of_another_shape(field, value):
    """The other names of our fields are never a reason to refuse an event."""
    assert event_of(altered(example("native-desk"), field, value=value), "native")


@pytest.mark.parametrize("name", NAMES)
def test_a_fingerprint_knows_no_order(name):
    """The same alert in another order has the same identity."""
    payload = example(name)
    there = sorted(event.fingerprint for event in alerts_of(findings(turned(payload), detect(payload))))
    assert there == sorted(event.fingerprint for event in alerts_of(findings(payload)))


TEXTS = [
    ("metric", ("data", "essentials", "description")),
    ("metric", ("data", "essentials", "alertId")),
    ("metric", ("data", "alertContext", "condition", "allOf", 0, "metricValue")),
    ("metric", ("data", "customProperties", "impact")),
    ("service-health", ("data", "alertContext", "properties", "title")),
    ("service-health", ("data", "alertContext", "properties", "communication")),
    ("alertmanager-truncated", ("alerts", 0, "annotations", "summary")),
    ("alertmanager-truncated", ("alerts", 0, "annotations", "description")),
    ("alertmanager-truncated", ("alerts", 0, "generatorURL")),
    ("alertmanager-truncated", ("groupKey",)),
    ("grafana", ("title",)),
    ("grafana", ("message",)),
    ("grafana", ("alerts", 0, "values")),
    ("grafana", ("alerts", 0, "annotations", "summary")),
    ("datadog", ("title",)),
    ("datadog", ("body",)),
    ("datadog", ("status",)),
    ("datadog", ("id",)),
    ("native-desk", ("short_description",)),
    ("native-desk", ("description",)),
]


@given(place=st.sampled_from(TEXTS), text=st.text(min_size=1, max_size=30).filter(str.isprintable))
def test_a_fingerprint_knows_no_text(place, text):
    """Whatever people wrote and whatever was measured, the identity is that of rule and resource."""
    name, path = place
    other = altered(example(name), *path, value=f"t{text}")
    assert event_of(other).fingerprint == event_of(example(name)).fingerprint != ""


@pytest.mark.parametrize("name", ["metric", "alertmanager-truncated", "grafana", "datadog", "native-desk"])
def test_a_large_alert_is_bounded(name):
    """Ten thousand labels, tags and resources leave an event that a person can read."""
    crowd = [f"name{number}:value{number}" for number in random.Random(name).sample(range(10**6), 10_000)]
    payload = json.loads(json.dumps(example(name)).replace("checkout-1", ",".join(crowd)))
    if "alerts" in payload:
        payload["alerts"][0]["labels"] |= dict(part.split(":") for part in crowd)
    payload |= {"tags": ",".join(crowd), "cmdb_ci": ",".join(crowd)}
    event = event_of(payload)
    assert len(event.labels) <= 100
    assert len(event.resources) <= 50
    assert len(event.title) <= 500
