"""How many incidents a sender may open, and which of them are of a flood."""

from datetime import timedelta

import pytest
from grouping_run import NOON, an_alert

from worker.domain.flood import begins_flood, telling_id
from worker.domain.sender_rate import SenderRate
from worker.domain.sender_window import SenderWindow

MINUTE = timedelta(minutes=1)
RATE = SenderRate(5, 10 * MINUTE)


class Sender:
    """One sender's window, as it is read and written by whoever opens its incidents."""

    def __init__(self):
        self.window = SenderWindow(NOON)
        self.incidents = {}

    def open(self, name, minutes=0.0):
        """The one with which the flood began that it is decided to belong to; nothing for an incident of its own."""
        now, incident = NOON + minutes * MINUTE, an_alert(str(name))
        self.incidents[str(name)] = incident
        self.window = self.window.decide(incident, now, RATE)
        flood = self.window.decided[telling_id(incident)]
        return next((name for name, each in self.incidents.items() if begins_flood(each, flood)), "")


@pytest.fixture
def sender():
    return Sender()


def test_what_is_beyond_the_rate_is_one_flood(sender):
    """Up to the rate each is an incident of its own, and all further ones belong to the first of them."""
    assert [sender.open(number) for number in range(8)] == [""] * 5 + ["5"] * 3


def test_what_was_decided_stays(sender):
    """Its message may be delivered to two workers at once, and again; nor is it counted twice."""
    before = [sender.open(number) for number in range(8)]
    window = sender.window
    assert [sender.open(number) for number in range(8)] == before
    assert sender.window is window


def test_what_began_a_flood_stays_in_it(sender):
    """However many came before its message was delivered again, and though the sender is quieter by then."""
    for number in range(500):
        sender.open(number)
    assert sender.open(5, minutes=60) == "5"


def test_a_slow_sender_never_floods(sender):
    """As many as its rate allows, evenly, for hours."""
    assert {sender.open(number, minutes=2.01 * number) for number in range(200)} == {""}


def test_a_flood_goes_on_while_the_sender_is_as_quick(sender):
    """It does not open five more of its own every ten minutes."""
    floods = [sender.open(number, minutes=number / 10) for number in range(600)]
    assert floods == [""] * 5 + ["5"] * 595


def test_a_flood_is_over_once_the_sender_is_quieter(sender):
    """Within two periods, however large the storm was; and the next one is another."""
    for number in range(1_000):
        sender.open(number)
    assert sender.open("soon after", minutes=5) == "5"
    assert sender.open("later", minutes=20) == ""
    assert [sender.open(f"again {number}", minutes=40) for number in range(6)] == [""] * 5 + ["again 5"]


def test_a_storm_over_the_end_of_a_period_is_no_two(sender):
    """What came shortly before counts nearly whole."""
    for number in range(5):
        sender.open(number, minutes=9.9)
    assert [bool(sender.open(f"after {number}", minutes=10.1)) for number in range(4)] == [False, True, True, True]


def test_a_clock_that_goes_back_decides_the_same(sender):
    """The store's servers are a moment apart."""
    for number in range(5):
        sender.open(number, minutes=1)
    assert sender.open("behind", minutes=-0.1) != ""


def test_what_is_remembered_is_bounded(sender):
    """It is one property of a row."""
    for number in range(1_000):
        sender.open(f"inc-{number:010}")
    assert len(sender.window.decided) == 50
