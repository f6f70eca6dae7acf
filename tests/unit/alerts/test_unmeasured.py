"""States that rest on no measurement are known by their words, however these are spelt."""

import pytest

from worker.alerts.unmeasured import doubted, is_vanished, is_without_data
from worker.domain.event import Event, Severity


@pytest.mark.parametrize("word", ["Deleted", "paused", "MissingSeries", "missing_series", "Missing Series", "EXPIRED"])
def test_what_is_not_looked_at_any_more_has_vanished(word):
    """Case, hyphens and blanks make no other word."""
    assert is_vanished(word)
    assert not is_without_data(word)


@pytest.mark.parametrize("word", ["No Data", "no-data", "NODATA", "INSUFFICIENT_DATA", "unknown", "Stopped reporting"])
def test_what_could_not_be_measured_is_without_data(word):
    """It is announced, and not as if it had been seen."""
    assert is_without_data(word)
    assert not is_vanished(word)


@pytest.mark.parametrize("word", ["resolved", "ok", "firing", "", None, 7, ["deleted"], "deleted" * 200_000])
def test_other_words_say_neither(word):
    """Nor does what is no word, or as long as a body."""
    assert not is_vanished(word)
    assert not is_without_data(word)


@pytest.mark.parametrize(("severity", "doubtful"), [(1, 3), (2, 3), (3, 3), (4, 4), (5, 5)])
def test_what_was_not_measured_wakes_nobody_as_if_it_had_been(severity, doubtful):
    """It says first what it is worth, and keeps all else."""
    event = Event(title="Probe is silent", severity=severity, description="Look at probe-2.", key="probe-2")
    told = doubted(event, "Contoso")
    assert told.description == (
        "Low confidence: Contoso has no data, and does not know whether anything is wrong.\n\nLook at probe-2."
    )
    assert told.severity is Severity(doubtful)
    assert told == event.model_copy(update={"description": told.description, "severity": told.severity})
