"""Ready is a worker that the queue answers or that has a message in hand, and that is not stopping."""

import pytest

from worker.messaging.health import why_not_ready
from worker.messaging.poll_status import Activity, ReceiverStatus

NOW = 1_000.0


def slot(activity=Activity.POLLING, ago=None):
    return ReceiverStatus("slot", activity=activity, last_success=None if ago is None else NOW - ago, clock=lambda: NOW)


@pytest.mark.parametrize(
    "slots",
    [
        [slot(ago=3)],
        [slot(ago=54)],
        [slot(), slot(ago=3)],
        [slot(Activity.HANDLING, ago=900)],
        [slot(Activity.WAITING, ago=900)],
        [slot(ago=900), slot(Activity.HANDLING, ago=70)],
    ],
)
def test_a_worker_that_works_is_ready(slots):
    """One slot that was answered lately, or that holds a message however long, is enough."""
    assert why_not_ready(slots, draining=False) is None


@pytest.mark.parametrize(
    ("slots", "because"),
    [
        ([slot(), slot(Activity.IDLE)], "not been reached yet"),
        ([slot(ago=900), slot(ago=70)], "last answered 70 s ago"),
        ([slot(Activity.PAUSED, ago=90), slot(Activity.PAUSED)], "table of incidents"),
        ([], "not been reached yet"),
    ],
)
def test_a_worker_out_of_touch_says_why_it_is_not(slots, because):
    """The sentence names what a person has to look at."""
    assert because in why_not_ready(slots, draining=False)


def test_a_worker_that_stops_is_not_ready():
    """Also while it still has messages in hand."""
    assert "stopping" in why_not_ready([slot(Activity.HANDLING, ago=1)], draining=True)
