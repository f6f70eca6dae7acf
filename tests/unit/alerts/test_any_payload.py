"""Whatever is sent, a parser gives events or refuses in its own way, and loses no alert that still says what it is."""

import json
import random
from contextlib import suppress

import pytest
from alert_examples import NAMES, event_of, example, fields_of, findings, varied
from hypothesis import given
from hypothesis import strategies as st
from mutations import JSON, altered, paths

from worker.alerts.affected import is_named
from worker.alerts.detection import detect
from worker.alerts.format import Ignored, NotThisFormat
from worker.alerts.formats import FORMATS
from worker.domain.event import Event, EventType, encode

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


# By which alone an end says what has ended: without it there is nothing to end, and that is what is answered.
NAMES_OF_ENDS = {
    ("azure-devops-deployment-resolved", ("resource", "environment")),
    ("elastic-resolved", ("rule_id",)),
    ("incident-io-ends", ("deduplication_key",)),
    ("servicenow-canceled", ("sys_class_name", "value")),
}


@given(place=st.sampled_from([place for place in PLACES if place not in NAMES_OF_ENDS]), value=st.none() | JSON | HUGE)
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


# By the names that any system gives it: what people write, and what was measured and when; never who or what it is.
WORDS = {
    *("title", "message", "msg", "body", "reason", "note", "description", "summary", "details", "text", "_raw"),
    *("communication", "short_description", "event_opdata", "trigger_description", "update_message"),
}
MEASURED = {
    *("values", "valueString", "metricValue", "date", "time", "event_date", "event_time", "event_timestamp"),
    *("timestamp", "startsAt", "createdAt", "updatedAt", "last_updated", "opened_at", "closed_at", "user", "owner"),
}
# There the words are all that there is.
NAMED_BY_WORDS = {
    ("uptime-kuma-certificate", ("msg",)),
    *(("pagerduty-minimal", ("payload", name)) for name in ("summary", "timestamp")),
}


def leaf(payload, path):
    for step in path:
        payload = payload[step]
    return payload


TEXTS = [
    (name, path)
    for name in NAMES
    for path in paths(example(name))
    if path[-1] in WORDS | MEASURED
    and (name, path) not in NAMED_BY_WORDS
    and isinstance(leaf(example(name), path), str)
    and alerts_of(findings(example(name)))
]


@given(place=st.sampled_from(TEXTS), text=st.text(min_size=1, max_size=30).filter(str.isprintable))
def test_a_fingerprint_knows_no_text(place, text):
    """Whatever people wrote and whatever was measured, the identity is that of rule and resource."""
    name, path = place
    other = altered(example(name), *path, value=f"t{text}")
    there = {event.fingerprint for event in alerts_of(findings(other, detect(example(name))))}
    assert there <= {event.fingerprint for event in alerts_of(findings(example(name)))}


FOREIGN = "می‌خواهم क्‍ष 結帳失敗 👩‍💻"


@pytest.mark.parametrize("name", sorted({name for name, path in TEXTS if path[-1] in WORDS}))
def test_every_script_comes_through(name):
    """Persian, Hindi, Chinese and emoji are read as they were written, wherever they may stand."""
    payload = example(name)
    for place, path in TEXTS:
        if place == name and path[-1] in WORDS:
            payload = altered(payload, *path, value=FOREIGN)
    told = [event.model_dump_json(exclude={"raw"}) for event in alerts_of(findings(payload, detect(example(name))))]
    assert told
    assert any(FOREIGN in each for each in told)


SEVERITIES = {
    "severity",
    "priority",
    "urgency",
    "alert_type",
    "event_severity",
    "event_nseverity",
    "detection_severity",
}


# Its level is told a second time, under the name of its operation.
TOLD_TWICE = {"activity-security"}
RATED = [name for name in NAMES if fields_of(example(name)) & SEVERITIES and name not in TOLD_TWICE]


@pytest.mark.parametrize("name", RATED)
def test_a_word_for_the_severity_that_nobody_knows_is_told(name):
    """It costs no incident, and people see what was not understood."""
    payload = example(name)
    for path in paths(payload):
        if path[-1] in SEVERITIES:
            payload = altered(payload, *path, value="spicy")
    for event in alerts_of(findings(payload, detect(example(name)))):
        assert event.unread_severity in {"spicy", ""}
        assert event.unread_severity or event.severity == alerts_of(findings(example(name)))[0].severity


ENDS = [
    (begin, name)
    for name in NAMES
    for begin in (name.removesuffix("-resolved"), name.replace("-resolved", "-fired"))
    if name.endswith("-resolved") and begin in NAMES
]


@pytest.mark.parametrize(("begin", "end"), ENDS)
def test_an_end_is_of_what_began(begin, end):
    """Both have one identity, and the end is dated by its sender, where that says when."""
    [began], [ended] = (alerts_of(findings(example(name))) for name in (begin, end))
    assert began.fingerprint == ended.fingerprint != ""
    assert (began.type, ended.type) == (EventType.TRIGGER, EventType.RESOLVE)
    assert ended.resolved_at is not None
    assert began.occurred_at is None or began.occurred_at <= ended.resolved_at


@pytest.mark.parametrize("name", [name for name in NAMES if not name.startswith("native")])
def test_the_title_names_what_is_affected(name):
    """Two alerts of one rule about two things never read the same."""
    for event in alerts_of(findings(example(name))):
        assert not event.resources or is_named(event.resources[0], event.title)


# Each is where some search may look again at what it has seen: markup, lists, brackets, macros, expressions.
CROWDED = ["<a " * 60_000, "a,b:" * 50_000, "[x](" * 50_000, "{$" * 90_000, "nodata(" * 30_000, "x\u202e" * 60_000]


@pytest.mark.parametrize("name", {detect(example(name)): name for name in NAMES}.values())
def test_what_is_read_of_a_large_alert_is_small(name):
    """Where every text is as long as a body may be, what goes on is bounded."""
    payload = example(name)
    for number, (place, path) in enumerate(TEXTS):
        if place == name:
            payload = altered(payload, *path, value=CROWDED[number % len(CROWDED)])
    for event in alerts_of(findings(payload, detect(example(name)))):
        assert len(encode(event.model_copy(update={"raw": None}))) < 400_000


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
