"""How many new incidents a sender may open, as it is set."""

from datetime import timedelta

import pytest

from worker.domain.errors import Misconfigured
from worker.domain.sender_rate import SenderRate
from worker.settings import Settings


@pytest.mark.parametrize(
    ("given", "rate"),
    [
        ({}, SenderRate(100, timedelta(minutes=10))),
        ({"sender_rate": "30/m"}, SenderRate(30, timedelta(minutes=1))),
        ({"sender_rate": " "}, None),
    ],
)
def test_a_rate_is_a_number_in_a_time(given, rate):
    """A hundred in ten minutes where nothing is said, and no bound where it is empty."""
    assert Settings.read(_env_file=None, **given).sender_rate == rate


def test_what_is_no_rate_is_refused():
    """By the name of the setting, and with an example."""
    with pytest.raises(Misconfigured, match="TOCSIN_SENDER_RATE: must be a number in a time, as 30/10m"):
        Settings.read(_env_file=None, sender_rate="many")
