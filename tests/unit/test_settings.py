"""What the settings say together."""

from datetime import timedelta

from worker.settings import Settings


def test_a_step_may_have_a_request_on_its_way_for_as_long_as_its_lease_and_a_call_take():
    """It has the lease's time to come to its write, and a write leaves only while its whole time-out still fits."""
    settings = Settings.read(_env_file=None, call_timeout_seconds=7, lease_seconds=40)
    assert settings.step_allowance == timedelta(seconds=47)
