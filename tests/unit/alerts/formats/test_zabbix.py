"""Zabbix's problems are read as the media type that people import sends them."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alert_examples import event_of, example, ignored_of, varied

from worker.alerts.detection import detect
from worker.alerts.format import NotThisFormat
from worker.alerts.formats import zabbix
from worker.domain.event import EventType, Severity

MEDIA_TYPE = json.loads(Path(zabbix.__file__).with_name("zabbix_template.json").read_text())
[SENT] = MEDIA_TYPE["zabbix_export"]["media_types"]
PARAMETERS = {each["name"]: each["value"] for each in SENT["parameters"]}
PROBLEM = example("zabbix")


def test_the_media_type_sends_what_the_parser_reads():
    """Each parameter is read but for the address and the key, which its script takes out; and none is missing."""
    read = {field.alias or name for name, field in zabbix._Alert.model_fields.items()}
    assert read | {"tocsin_url", zabbix.SECRET} == set(PARAMETERS)
    assert all(f"delete alert.{name}" in SENT["script"] for name in ("tocsin_url", zabbix.SECRET))
    assert PARAMETERS["schema"] == zabbix.SCHEMA


def test_the_media_type_tells_of_begins_ends_and_updates():
    """Without a template for each, Zabbix sends nothing of it."""
    told = {(each["event_source"], each["operation_mode"]) for each in SENT["message_templates"]}
    assert told >= {("TRIGGERS", mode) for mode in ("PROBLEM", "RECOVERY", "UPDATE")}
    assert told >= {("INTERNAL", mode) for mode in ("PROBLEM", "RECOVERY")}


@pytest.mark.parametrize("unset", ["{EVENT.OPDATA}", "*UNKNOWN*", "{$ZABBIX.URL}", "{#FSNAME}", ""])
def test_a_macro_without_a_value_is_absent(unset):
    """What Zabbix did not fill in is told to nobody."""
    event = event_of(PROBLEM | {"event_opdata": unset, "zabbix_url": unset, "trigger_description": unset})
    assert not unset or unset not in event.model_dump_json(exclude={"raw"})
    assert (event.description, event.links) == ("", ())


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({}, "trigger"),
        ({"event_value": "0"}, "resolve"),
        ({"event_value": "{EVENT.VALUE}", "event_status": "RESOLVED"}, "resolve"),
        ({"event_value": "{EVENT.VALUE}", "event_status": "OK"}, "resolve"),
        ({"event_value": "{EVENT.VALUE}", "event_status": "{EVENT.STATUS}"}, "trigger"),
        ({"update_status": "1", "update_action": "acknowledged and commented"}, "acknowledge"),
        ({"update_status": "1", "update_action": "unacknowledged"}, "trigger"),
        ({"update_status": "1", "update_action": "closed"}, "trigger"),
        ({"update_status": "1", "update_action": "suppressed until 2026.03.03"}, "trigger"),
        ({"update_status": "1", "update_action": "changed severity from High to Information"}, "trigger"),
        ({"update_status": "0", "update_action": "acknowledged"}, "trigger"),
    ],
)
def test_only_a_recovery_is_an_end(changes, kind):
    """An update that sounds better ends nothing, and who closes a problem is followed by its recovery."""
    event = event_of(PROBLEM | changes)
    assert event.type == kind
    assert event.fingerprint == event_of(PROBLEM).fingerprint


@pytest.mark.parametrize(
    "changes",
    [
        {"trigger_id": "23178"},
        {"zabbix_url": "https://zabbix.fabrikam.example/"},
        {"event_tags": '[{"tag": "component", "value": "disk"}]'},
    ],
)
def test_another_trigger_or_another_value_of_its_tags_is_another_alert(changes):
    """One trigger may have a problem for each file that it reads of."""
    assert event_of(PROBLEM | changes).fingerprint != event_of(PROBLEM).fingerprint


def test_the_fingerprint_knows_neither_words_nor_figures():
    """A second problem of the same trigger is about the same thing."""
    other = {"event_id": "99", "event_name": "else", "event_opdata": "98 %", "event_nseverity": "1", "event_time": ""}
    assert event_of(PROBLEM | other).fingerprint == event_of(PROBLEM).fingerprint


@pytest.mark.parametrize("tags", ["scope:availability, service:checkout", '[{"tag":"service","value":"checkout"}, 7]'])
def test_tags_are_read_in_both_forms(tags):
    """As JSON, and as text that Zabbix puts between commas."""
    event = event_of(varied("zabbix", "event_tags", value=tags))
    assert (event.service, event.labels["service"]) == ("checkout", "checkout")


@pytest.mark.parametrize(
    ("number", "word", "severity", "unread"),
    [
        ("5", "Disaster", 1, ""),
        ("4", "High", 2, ""),
        ("3", "Average", 3, ""),
        ("2", "Warning", 4, ""),
        ("1", "Information", 5, ""),
        ("0", "Not classified", 3, ""),
        ("{EVENT.NSEVERITY}", "Warning", 4, ""),
        ("{EVENT.NSEVERITY}", "Renamed", 3, "Renamed"),
    ],
)
def test_zabbix_counts_upwards(number, word, severity, unread):
    """By the number, since people may rename the words."""
    event = event_of(PROBLEM | {"event_nseverity": number, "event_severity": word})
    assert (event.severity, event.unread_severity) == (Severity(severity), unread)


@pytest.mark.parametrize(
    ("expression", "is_silent"),
    [
        ("nodata(/web-7/agent.ping,3m)=1", True),
        ("nodata(/web-7/agent.ping,3m)", True),
        ("{TRIGGER.VALUE}=0 and nodata(/web-7/agent.ping,{$TIME})=1", True),
        ("nodata(/web-7/agent.ping,3m)<>0", True),
        ("last(/web-7/cpu)>90 and nodata(/web-7/cpu,5m)=0", False),
        ("last(/web-7/cpu)>90 and nodata(/web-7/cpu,5m)<>1", False),
        ("last(/web-7/cpu)>90 or nodata(/web-7/cpu,5m)=1", False),
        ("last(/web-7/mynodata)>90", False),
        ("nodata(" * 150_000, False),
    ],
)
def test_silence_is_told_as_what_it_is(expression, is_silent):
    """A problem that rests on missing data, and an end that does, are not told as measured."""
    fires = event_of(PROBLEM | {"trigger_expression": expression})
    ends = event_of(example("zabbix-resolved") | {"trigger_expression_recovery": expression})
    assert fires.description.startswith("Low confidence: Zabbix") is is_silent
    assert (fires.severity is Severity.MEDIUM) is is_silent
    assert (ends.type is EventType.NO_LONGER_REPORTED, ends.state_reason == "nodata") == (is_silent, is_silent)


def test_data_that_come_back_are_measured():
    """The end of a silence is an end."""
    ended = example("zabbix-nodata") | {"event_value": "0", "recovery_timestamp": "1772444404"}
    assert event_of(ended).type is EventType.RESOLVE
    assert event_of(ended).fingerprint == event_of(example("zabbix-nodata")).fingerprint


def test_an_item_that_cannot_be_measured_is_named():
    """Of what happens within Zabbix the message alone says what it is."""
    event = event_of(example("zabbix-internal"))
    assert event.title == "Queue length cannot be measured on web-7.contoso.example"
    assert event.description.startswith("Low confidence: Zabbix")


@pytest.mark.parametrize(
    ("changes", "began"),
    [
        ({}, datetime(2026, 3, 2, 9, 15, 4, tzinfo=UTC)),
        ({"event_timestamp": "{EVENT.TIMESTAMP}"}, datetime(2026, 3, 2, 10, 15, 4, tzinfo=UTC)),
        ({"event_timestamp": "", "event_date": "yesterday"}, None),
        ({"event_timestamp": "", "event_time": ""}, None),
    ],
)
def test_the_timestamp_tells_the_time_where_there_is_one(changes, began):
    """Else the date does, as if it were in UTC."""
    assert event_of(PROBLEM | changes).occurred_at == began


def test_a_test_of_the_media_type_launches_nothing():
    """No macro is filled in by the button, and nothing is told."""
    assert "test" in ignored_of(example("zabbix-test")).reason


def test_an_end_of_nobody_knows_what_is_ignored():
    """Neither trigger, item nor event is named."""
    assert (
        "which one" in ignored_of(example("zabbix-resolved") | {"trigger_id": "", "item_id": "", "event_id": ""}).reason
    )


@pytest.mark.parametrize("schema", ["tocsin-zabbix/2", "tocsin-zabbix/1.1"])
def test_another_version_of_the_template_is_refused_by_its_name(schema):
    """Who imported another one reads which it is, and which is read."""
    assert detect({"schema": schema}) == "zabbix"
    with pytest.raises(NotThisFormat, match=f"is the template {schema}, and {zabbix.SCHEMA} is read: import"):
        zabbix.FORMAT.read(PROBLEM | {"schema": schema})


@pytest.mark.parametrize("payload", [{}, {"schema": None}, {"schema": "other"}, {"event_name": "x"}])
def test_another_payload_is_refused_with_what_to_do(payload):
    """Who imported nothing reads what to import."""
    with pytest.raises(NotThisFormat, match=r"schema: must be .*: import worker/alerts/formats/zabbix_template\.json"):
        zabbix.FORMAT.read(payload)


def test_the_key_goes_no_further():
    """Also where somebody's own script forgets to take it out."""
    event = event_of(PROBLEM | {zabbix.SECRET: "s3cr3t"})
    assert event.raw == PROBLEM
