"""A saved search of Splunk is an alert, known by the search and what its row names."""

import pytest
from alert_examples import event_of, example, ignored_of

from worker.alerts.format import NotThisFormat
from worker.alerts.formats.splunk import FORMAT
from worker.domain.event import Severity

DISK = example("splunk")


def row(**changes):
    return DISK | {"result": DISK["result"] | changes}


@pytest.mark.parametrize("changes", [{"host": "db-8"}, {"mount": "/var/log"}, {"source": "du"}])
def test_another_host_or_drive_is_another_alert(changes):
    """What the row says is affected is part of the identity."""
    assert event_of(row(**changes)).fingerprint != event_of(DISK).fingerprint


@pytest.mark.parametrize(
    "changes", [{"used_percent": "99"}, {"_time": "1772446504"}, {"_raw": ""}, {"severity": "low"}]
)
def test_the_fingerprint_knows_neither_words_nor_figures(changes):
    """The next run of the search is about the same thing."""
    assert event_of(row(**changes) | {"sid": "other"}).fingerprint == event_of(DISK).fingerprint
    assert event_of(DISK | {"search_name": "other"}).fingerprint != event_of(DISK).fingerprint


@pytest.mark.parametrize(
    ("payload", "title"),
    [
        (DISK, "Disk almost full on db-7.contoso.example, /var/lib/postgresql, df"),
        (row(host=["db-7", "db-8"], mount=None, source=[]), "Disk almost full on db-7"),
        (DISK | {"result": None}, "Disk almost full"),
    ],
)
def test_the_title_names_what_the_row_says_is_affected(payload, title):
    """Of many values of one field the first."""
    assert event_of(payload).title == title


def test_the_row_is_what_is_read_at_night():
    """With the line that was found first, and without Splunk's own fields."""
    description = event_of(DISK).description
    assert description.startswith("2026-03-02T09:15:04Z /var/lib/postgresql 97.2%\n\nhost: db-7.contoso.example")
    assert "used_percent: 97.2" in description
    assert "_time" not in description


@pytest.mark.parametrize(
    ("changes", "severity", "unread"),
    [
        ({}, 2, ""),
        ({"severity": None, "urgency": "critical"}, 1, ""),
        ({"severity": None, "log_level": "WARN"}, 3, ""),
        ({"severity": "spicy"}, 3, "spicy"),
        ({"severity": None}, 3, ""),
    ],
)
def test_the_row_tells_the_severity(changes, severity, unread):
    """Under the names that searches give it."""
    event = event_of(row(**changes))
    assert (event.severity, event.unread_severity) == (Severity(severity), unread)


@pytest.mark.parametrize("name", [None, "", " "])
def test_a_call_without_a_search_launches_nothing(name):
    """A test of the action has none."""
    assert "test" in ignored_of(DISK | {"search_name": name}).reason


@pytest.mark.parametrize("payload", [None, [], "x"])
def test_what_is_no_object_is_refused(payload):
    """The refusal names the body."""
    with pytest.raises(NotThisFormat, match="body: must be a JSON object"):
        FORMAT.read(payload)
