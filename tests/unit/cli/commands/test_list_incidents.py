"""Which incidents a list asks for."""

from datetime import UTC, datetime

from worker.cli.commands.list_incidents import _wanted
from worker.domain.event import Event, Severity
from worker.domain.states import LaunchState


def test_a_service_is_found_in_whatever_case_it_is_typed():
    """As the index keeps it, and as the filter compares it."""
    wanted = _wanted((), ("CheckOut", "STRASSE"), (), None, None)
    assert wanted.services == {"checkout", "strasse"}
    assert Event(title="x", service="straße").service.casefold() in wanted.services


def test_each_option_asks_for_its_own():
    """Nothing that was said is left out."""
    wanted = _wanted([LaunchState.FAILED], ["shop"], [Severity.HIGH], "2026-03-01T00:00:00Z", "2026-03-02T00:00:00Z")
    assert (wanted.states, wanted.severities) == ({LaunchState.FAILED}, {Severity.HIGH})
    assert (wanted.since, wanted.until) == (datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 3, 2, tzinfo=UTC))
