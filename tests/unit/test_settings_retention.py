"""How long incidents are kept, and where what is deleted goes."""

from datetime import timedelta
from pathlib import Path

import pytest

from worker.domain.errors import Misconfigured
from worker.settings import Settings


def read(**given):
    return Settings.read(_env_file=None, **given)


@pytest.mark.parametrize("given", [{}, {"keep_days": ""}, {"keep_days": "0"}])
def test_nothing_is_deleted_unasked(given):
    """Nobody loses an incident by an upgrade, or by an empty line of a manifest."""
    assert not read(**given).keep_days


def test_what_is_deleted_goes_where_the_settings_say():
    """A directory, or nowhere in so many words."""
    kept = read(keep_days="90", keep_export="/var/lib/tocsin")
    assert (kept.keep_days, kept.export_directory) == (timedelta(days=90), Path("/var/lib/tocsin"))
    assert read(keep_days="15", keep_export="none").export_directory is None


@pytest.mark.parametrize("export", [{}, {"keep_export": ""}])
def test_a_place_for_the_copy_is_asked_for(export):
    """Deleting for good is nothing to be had by leaving out a line."""
    with pytest.raises(Misconfigured, match="TOCSIN_KEEP_EXPORT: must be a directory"):
        read(keep_days="90", **export)


@pytest.mark.parametrize("days", ["1", "14.9", "-90", "nan", "inf", "1e300", "90d", "40000"])
def test_an_age_that_a_message_may_reach_is_refused(days):
    """Whatever waits in the queue is about an incident that is known still; and a day is a number."""
    with pytest.raises(Misconfigured, match="TOCSIN_KEEP_DAYS"):
        read(keep_days=days, keep_export="none")
