"""No age is shorter than what alerts may still find."""

from datetime import timedelta

import pytest

from worker.retention.ages import Ages
from worker.settings import Settings

DAY = timedelta(days=1)


def ages(keep, **settings):
    return Ages.of(Settings.read(_env_file=None, **settings), keep)


def test_what_failed_is_kept_for_twice_as_long_and_the_audit_for_a_year():
    """A replay goes on where a launch stopped; who changed the roster is asked for later than any incident."""
    kept = ages(90 * DAY)
    assert (kept.resolved, kept.idle, kept.failed, kept.left_over) == (90 * DAY, 90 * DAY, 180 * DAY, 90 * DAY)
    assert kept.audit == 365 * DAY
    assert kept.set_aside > kept.left_over
    assert ages(500 * DAY).audit == 500 * DAY


@pytest.mark.parametrize(
    "settings",
    [
        {"grouping_idle_seconds": 864_000},
        {"grouping_window_seconds": 864_000},
        {"grouping_rules": '[{"group_by": ["service"], "window_seconds": 864000}]'},
        {"grouping_reopen_seconds": 864_000},
    ],
)
def test_an_incident_that_takes_alerts_is_never_old(settings):
    """Whoever keeps for a second keeps as long as any window lasts, a rule's own included."""
    kept = ages(timedelta(seconds=1), **settings)
    assert min(kept.idle, kept.failed, kept.left_over, kept.set_aside) > 10 * DAY


def test_what_has_resolved_is_old_once_nothing_reopens_it():
    """A firing that comes within the time for that belongs to it."""
    assert timedelta(minutes=10) < ages(timedelta(seconds=1)).resolved < timedelta(hours=1)
