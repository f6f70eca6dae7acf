"""Dynatrace's problems are read as the template that people paste sends them."""

import json
from pathlib import Path

import pytest
from alert_examples import event_of, example, ignored_of, varied

from worker.alerts.detection import detect
from worker.alerts.format import NotThisFormat
from worker.alerts.formats import FORMATS, dynatrace
from worker.domain.event import EventType, Severity

TEMPLATE = json.loads(Path(dynatrace.__file__).with_name("dynatrace_template.json").read_text())


def test_the_template_is_what_the_parser_reads():
    """Each field of the template is read; what others add to it beside is JSON without quotes."""
    read = {field.alias or name for name, field in dynatrace._Problem.model_fields.items()}
    assert read - {"ImpactedEntities", "ProblemDetailsJSONv2"} == set(TEMPLATE)
    assert detect(TEMPLATE) == "dynatrace"


def test_a_placeholder_without_a_value_is_absent():
    """What Dynatrace did not fill in is not told to anybody."""
    event = event_of(TEMPLATE | {"ProblemID": "P-1"})
    assert "{" not in event.model_dump_json(exclude={"raw"})[1:-1].replace('"labels":{', "")
    assert event.type is EventType.TRIGGER


@pytest.mark.parametrize(
    ("state", "kind"),
    [
        ("OPEN", EventType.TRIGGER),
        ("{State}", EventType.TRIGGER),
        (None, EventType.TRIGGER),
        ("RESOLVED", EventType.RESOLVE),
        ("MERGED", EventType.NO_LONGER_REPORTED),
    ],
)
def test_only_what_is_resolved_is_over(state, kind):
    """A problem that became part of another has not ended."""
    assert event_of(varied("dynatrace", "State", value=state)).type is kind


@pytest.mark.parametrize(
    ("kind", "severity", "low_confidence"),
    [
        ("AVAILABILITY", 2, False),
        ("ERROR", 2, False),
        ("PERFORMANCE", 3, False),
        ("RESOURCE_CONTENTION", 3, False),
        ("CUSTOM_ALERT", 3, False),
        ("MONITORING_UNAVAILABLE", 3, True),
    ],
)
def test_the_kind_of_problem_is_its_severity(kind, severity, low_confidence):
    """Where nothing is monitored any more, nobody knows whether anything is wrong."""
    event = event_of(varied("dynatrace", "ProblemSeverity", value=kind))
    assert (event.severity, event.unread_severity) == (Severity(severity), "")
    assert event.description.startswith("Low confidence: ") is low_confidence


@pytest.mark.parametrize("ids", [{"ProblemID": "999", "PID": "99999"}, {"ProblemID": "999", "PID": "{PID}"}])
def test_a_test_launches_nothing(ids):
    """The button sends a problem that there is not."""
    assert "launches nothing" in ignored_of(example("dynatrace") | ids).reason


def test_another_problem_is_another_alert():
    """Its own id is its identity, whatever its title."""
    other = event_of(varied("dynatrace", "PID", value="another"))
    assert other.fingerprint != event_of(example("dynatrace")).fingerprint


@pytest.mark.parametrize("payload", [{}, {"ProblemID": "{ProblemID}"}, {"ProblemTitle": "x"}])
def test_another_payload_is_refused_with_what_to_paste(payload):
    """Who pasted another template reads which one to paste."""
    with pytest.raises(NotThisFormat, match=r"ProblemID: .* paste worker/alerts/formats/dynatrace_template\.json"):
        FORMATS["dynatrace"].read(payload)


def test_another_version_of_the_template_is_refused_by_its_name():
    """A template of a later Tocsin is not read by halves; a payload of one's own need not say any."""
    for schema in ("dynatrace-incident-launch/2", "dynatrace-incident-launch/1.1"):
        with pytest.raises(NotThisFormat, match=f"is the template {schema}, and dynatrace-incident-launch/1 is read"):
            event_of(example("dynatrace") | {"schema": schema})
    assert event_of(example("dynatrace") | {"schema": "ours"})
