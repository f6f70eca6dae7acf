"""A payload is recognised by marks that its senders never leave out."""

import pytest
from alert_examples import NAMES, example, varied
from house_maps import VIGIL

from worker.alerts.detection import detect, looked_for, meant
from worker.alerts.formats import FORMATS, known_formats
from worker.alerts.mapping.map_files import read_formats

[HOUSE] = read_formats(VIGIL)
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


def test_a_refusal_names_all_that_was_looked_for():
    """Each format stands in the sentence for who sent something else, which says where the marks are told."""
    assert f"the marks of {', '.join(FORMATS)}; `tocsin formats list`" in looked_for()
    assert "the marks of grafana;" in looked_for({"grafana": FORMATS["grafana"]})


@pytest.mark.parametrize(
    ("named", "payload", "format_name"),
    [
        ("alertmanager", example("grafana"), "grafana"),
        ("azure-monitor", example("grafana"), "grafana"),
        ("datadog", example("metric"), "azure-monitor"),
        ("azure-monitor", CLOUD, "cloudevents"),
        ("grafana", PAGER, "pagerduty"),
        ("native", example("datadog"), "datadog"),
        ("cloudevents", example("metric"), "azure-monitor"),
        # What bears the mark of its address is of that, and so is what bears none.
        ("alertmanager", example("alertmanager"), "alertmanager"),
        ("cloudevents", CLOUD, "cloudevents"),
        ("grafana", {"alerts": [{}]}, "grafana"),
        ("alertmanager", {"alerts": [{}]}, "alertmanager"),
        ("datadog", {"title": "x"}, "datadog"),
        ("azure-monitor", {"title": "x"}, "azure-monitor"),
        ("native", {"title": "x", "alerts": []}, "native"),
        ("native", [], "native"),
        # A house knows what it sends.
        ("vigil", example("grafana"), "vigil"),
    ],
)
def test_a_payload_at_the_address_of_another_format_is_of_its_own(named, payload, format_name):
    """What bears another format's mark, and not that of its address, is read as what it is."""
    assert meant(named, payload, known_formats((HOUSE,))) == format_name


@pytest.mark.parametrize("name", NAMES)
def test_no_example_is_led_astray_at_its_own_address(name):
    """Whatever is recognised as of a format is read as that where it is sent as that."""
    payload = example(name)
    assert meant(detect(payload), payload) == detect(payload)


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
