"""A digest in sentences."""

from datetime import UTC, datetime, timedelta

import pytest

from handlers.summary.wording import marked, marker, reasons, risen, sentences
from worker.domain.alert_summary import AlertSummary
from worker.domain.digest import Digest
from worker.domain.event import Event, Severity
from worker.domain.incident import Incident
from worker.domain.report import Report

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
INCIDENT = Incident(key="k", event=Event(title="Down", key="k"), received_at=NOON)


def a_digest(**facts):
    known = {"alerts": 1, "faults": 1, "firing": 1, "first_at": NOON, "last_at": NOON, "severity": 2, **facts}
    return Digest(summary=AlertSummary(**known), reopen=timedelta(minutes=10))


def test_one_alert_is_told_in_the_singular():
    """And nothing is said of what there is not."""
    assert list(sentences(a_digest())) == [
        "1 alert of one fault, from 2026-03-02 12:00:00 UTC to 2026-03-02 12:00:00 UTC.",
        "None of it has resolved.",
    ]


def test_many_are_told_with_what_they_affect():
    """Numbers are read in groups of three; what is not named is counted."""
    digest = a_digest(
        alerts=10_000, faults=1_200, firing=2, resources=("a", "b"), more_resources=1_000, acknowledged_at=NOON
    )
    assert list(sentences(digest)) == [
        "10,000 alerts of 1,200 faults, from 2026-03-02 12:00:00 UTC to 2026-03-02 12:00:00 UTC.",
        "Affected: a, b and 1,000 more.",
        "2 of 1,200 faults still fire.",
        "Acknowledged at 2026-03-02 12:00:00 UTC.",
    ]


def test_what_was_left_out_is_told_beside_the_count():
    """Nobody takes the alerts that were read for all that there are."""
    assert list(sentences(a_digest(alerts=2_000, left_out=1_200)))[1] == (
        "At least 1,200 more were left out of what was told: look at the sender for all of them."
    )


def test_the_end_of_all_says_what_comes_after_it():
    """What fires again soon is this incident's."""
    assert list(sentences(a_digest(firing=0, resolved_at=NOON)))[1] == (
        "All have resolved, the last at 2026-03-02 12:00:00 UTC. What fires again within 10 minutes belongs to this "
        "incident, and later to a new one."
    )


NO_ALL_CLEAR = "That is no all-clear: nothing is measured any more, and nobody knows whether it is over."


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        (
            {"unreported": 1, "unreported_because": ("MissingSeries",)},
            "Its sender no longer reports it (MissingSeries).",
        ),
        ({"unreported": 1}, "Its sender no longer reports it."),
        (
            {"faults": 5, "firing": 3, "unreported": 2, "unreported_because": ("Paused", "stale")},
            "3 of 5 faults still fire. 2 of them are no longer reported (Paused, stale).",
        ),
        ({"faults": 2, "firing": 2, "unreported": 2}, "None of the 2 faults is reported any longer."),
        ({"faults": 2, "firing": 2, "unreported": 1}, "None of it has resolved. 1 of them is no longer reported."),
    ],
)
def test_what_is_no_longer_reported_is_no_all_clear(facts, said):
    """In words, with the sender's own reason; never as resolved, also where people added reports."""
    report = Report(title="Slow", at=NOON)
    assert list(sentences(a_digest(**facts)))[1] == f"{said} {NO_ALL_CLEAR}"
    assert f"{said} {NO_ALL_CLEAR}" in list(sentences(a_digest(**facts, reports=(report,))))


def test_what_people_added_is_told_first():
    """In their words, with who and when; the one alert that is the incident itself is not counted beside it."""
    report = Report(title="Slow", description="Since noon.", impact="EU cannot pay", by="ada@desk", at=NOON)
    told = list(sentences(a_digest(reports=(report, Report(title="Down?", at=NOON)), more_reports=1)))
    assert told == [
        "Reported as well at 2026-03-02 12:00:00 UTC by ada@desk: 'Slow'. Since noon. Impact: EU cannot pay",
        "Reported as well at 2026-03-02 12:00:00 UTC: 'Down?'.",
        "And 1 earlier report.",
    ]
    assert "2 alerts of one fault" in list(sentences(a_digest(alerts=2, reports=(report,))))[1]


def test_the_most_frequent_reasons_come_first():
    """Five of them, and how many more there are."""
    told = list(reasons(a_digest(reasons={f"reason {number}": number for number in range(1, 8)})))
    assert told[0] == "7: reason 7"
    assert told[-1] == "and 2 other reasons"
    assert len(told) == 6


def test_the_marker_does_not_hold_the_incidents_id():
    """By that its announcement is found, which this is not."""
    digest = a_digest()
    assert INCIDENT.id not in marked(INCIDENT, digest)
    assert marked(INCIDENT, digest).startswith(marker(INCIDENT))
    assert marked(INCIDENT, digest) != marked(INCIDENT, a_digest(alerts=2))


def test_a_risen_severity_names_the_alert():
    """Whose it is."""
    assert risen(Severity.CRITICAL, "Down") == "Severity raised to 1 (critical), that of 'Down'."
