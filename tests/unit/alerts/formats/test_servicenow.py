"""ServiceNow's records are read by what is stored, and told by what people see."""

import pytest
from alert_examples import event_of, example, findings, ignored_of, varied

from worker.alerts.detection import detect
from worker.alerts.format import Ignored, NotThisFormat
from worker.alerts.formats import FORMATS
from worker.domain.event import EventType, Severity


@pytest.mark.parametrize(
    ("state", "kind"),
    [
        ("1", EventType.TRIGGER),
        (2, EventType.TRIGGER),
        ("On Hold", EventType.TRIGGER),
        (None, EventType.TRIGGER),
        ("6", EventType.RESOLVE),
        (7, EventType.RESOLVE),
        ({"display_value": "Gelöst", "value": "6"}, EventType.RESOLVE),
        ("Closed", EventType.RESOLVE),
        ("8", EventType.NO_LONGER_REPORTED),
        ({"display_value": "Canceled", "value": "8"}, EventType.NO_LONGER_REPORTED),
        ("Canceled", EventType.NO_LONGER_REPORTED),
    ],
)
def test_the_state_begins_and_ends(state, kind):
    """By its number in whatever language, and what was canceled is no all-clear."""
    assert event_of(varied("servicenow", "state", value=state)).type is kind


@pytest.mark.parametrize(
    ("priority", "urgency", "impact", "severity", "unread"),
    [
        ("1", "3", "3", 1, ""),
        ("4 - Low", None, None, 4, ""),
        (None, "1", "1", 1, ""),
        ("", "2 - Medium", "1 - High", 2, ""),
        (None, "3", "3", 5, ""),
        (None, None, None, 3, ""),
        ("spicy", None, None, 3, "spicy"),
        ("spicy", "1", "2", 2, "spicy"),
    ],
)
def test_the_priority_counts_before_urgency_and_impact(priority, urgency, impact, severity, unread):
    """Without one the matrix makes it, and a word that nobody knows is told."""
    event = event_of(example("servicenow") | {"priority": priority, "urgency": urgency, "impact": impact})
    assert (event.severity, event.unread_severity) == (Severity(severity), unread)


def test_the_table_api_gives_records_within_a_result():
    """One, or several, of which none costs the others anything."""
    record = example("servicenow")
    assert event_of({"result": record}).fingerprint == event_of(record).fingerprint
    first, second = findings({"result": [record, 5]})
    assert (first.title, type(second)) == (event_of(record).title, Ignored)


def test_an_id_is_not_told_for_a_name():
    """A reference that comes without what people see is left out."""
    ids = dict.fromkeys(("cmdb_ci", "business_service", "assignment_group"), "d625dccec0a8016700a222a0f7900d06")
    event = event_of(example("servicenow") | ids)
    assert (event.resources, event.service, event.title) == ((), "", "Checkout is slow")


@pytest.mark.parametrize("table", ["change_request", "sc_task", "problem"])
def test_records_of_other_tables_launch_nothing(table):
    """A change that is closed is no incident that has ended."""
    assert "is no incident" in ignored_of(varied("servicenow", "sys_class_name", value=table)).reason


def test_what_people_write_is_of_the_native_form():
    """A few words of a service desk, with a number and an id of their own, are no record of ServiceNow."""
    assert detect(example("native-desk")) == "native"
    assert detect(example("servicenow")) == detect({"result": example("servicenow")}) == "servicenow"


@pytest.mark.parametrize("payload", [{"sys_id": ""}, {"result": 5}, 7, {"sys_id": None, "sys_class_name": "incident"}])
def test_what_names_no_record_is_refused(payload):
    """Without its id nothing is known again."""
    with pytest.raises(NotThisFormat):
        FORMATS["servicenow"].read(payload)


@pytest.mark.parametrize("field", ["urgency", "impact"])
def test_an_urgency_that_nobody_knows_is_told(field):
    """As a priority is; and of one that is known in words nothing is lost for want of a number."""
    bare = example("servicenow") | {"priority": "", "urgency": "", "impact": ""}
    spicy, high = event_of(bare | {field: "spicy"}), event_of(bare | {field: "High"})
    assert (spicy.severity, spicy.unread_severity) == (Severity.MEDIUM, "spicy")
    assert (high.severity, high.unread_severity) == (Severity.HIGH, "")
