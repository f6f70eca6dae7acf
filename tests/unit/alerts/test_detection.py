"""A payload is recognised by marks that its senders never leave out."""

import pytest
from alert_examples import NAMES, example, varied

from worker.alerts.detection import LOOKED_FOR, detect
from worker.alerts.formats import FORMATS

PAGER = {"routing_key": "k", "event_action": "trigger", "payload": {"summary": "x"}}
CLOUD = {"specversion": "1.0", "id": "1", "source": "/probe", "type": "fired", "data": {"title": "x", "alerts": []}}


@pytest.mark.parametrize(
    ("payload", "format_name"),
    [
        (example("metric"), "azure-monitor"),
        ({"schemaId": "AzureMonitorMetricAlert", "data": {}}, "azure-monitor"),
        (example("alertmanager"), "alertmanager"),
        (varied("alertmanager", "version", value=4), "alertmanager"),
        (varied("alertmanager", "version", value=None), "alertmanager"),
        (example("grafana"), "grafana"),
        (varied("grafana", "orgId", value=None), "grafana"),
        (varied("grafana", "version", value=None), "grafana"),
        (example("datadog"), "datadog"),
        (PAGER, "pagerduty"),
        ({"routing_key": "k", "event_action": "resolve", "dedup_key": "d"}, "pagerduty"),
        ({"event_action": "trigger", "payload": {}}, "pagerduty"),
        (CLOUD, "cloudevents"),
        ([CLOUD, CLOUD], "cloudevents"),
        ({"title": "x"}, "native"),
        ({"short_description": "x"}, "native"),
        ({"title": "x", "alerts": []}, "native"),
        ({"title": "x", "event_action": "trigger"}, "native"),
    ],
)
def test_each_format_is_recognised(payload, format_name):
    """The mark of a format is found, whatever else is in the payload."""
    assert detect(payload) == format_name


@pytest.mark.parametrize("payload", [None, [], {}, 7, "title", [[]], [{"title": "x"}], {"title": None}, {"alerts": []}])
def test_what_bears_no_mark_is_not_guessed(payload):
    """Nothing is taken for a format that it does not say it is of."""
    assert detect(payload) is None


def test_a_refusal_can_name_all_that_was_looked_for():
    """Each format stands with its mark in the sentence for who sent something else."""
    assert FORMATS
    assert all(f"{each.mark.looked_for} ({name})" in LOOKED_FOR for name, each in FORMATS.items())


def test_every_format_that_is_read_can_be_recognised():
    """Each has an example by whose mark it is found."""
    assert {detect(example(name)) for name in NAMES} == set(FORMATS)


# Grafana's groups are Alertmanager's with more in them, and many payloads have a title.
ALIKE = {("grafana", "alertmanager")}


@pytest.mark.parametrize("name", NAMES)
def test_no_payload_bears_the_mark_of_two_formats(name):
    """What it is taken for does not depend on who is asked first."""
    found = detect(example(name))
    others = {each.name for each in FORMATS.values() if each.mark.is_borne_by(example(name))} - {found, "native"}
    assert {(found, other) for other in others} <= ALIKE
