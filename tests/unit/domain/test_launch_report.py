"""What is to be said about a launch that is in trouble, or that has come out of it."""

from datetime import timedelta

import pytest

from worker.domain.launch_report import Report, Trouble
from worker.domain.settlement import Complete, DeadLetter, RetryLater

MINUTE = timedelta(minutes=1)
SOON = timedelta(seconds=5)


@pytest.mark.parametrize(
    ("decided", "age", "report"),
    [
        (DeadLetter("wrong-setting", "Mend it."), SOON, Report(Trouble.GIVEN_UP, "wrong-setting. Mend it.")),
        (RetryLater(SOON, "Boards is down."), MINUTE + SOON, Report(Trouble.WAITS, "Boards is down.")),
        (RetryLater(SOON, "Boards is down.", outage=True), MINUTE + SOON, Report(Trouble.WAITS, "Boards is down.")),
        (RetryLater(SOON, "Boards is down."), MINUTE, None),
        (RetryLater(timedelta(), "The worker is stopping."), 10 * MINUTE, None),
        (Complete(), SOON, Report(Trouble.OVER)),
    ],
    ids=["given up", "waits", "waits for all", "only just", "goes on elsewhere", "over"],
)
def test_trouble_is_told_by_what_is_decided_and_how_long_it_took(decided, age, report):
    """Given up at once; waiting after a minute; a worker that stops is no trouble of the launch."""
    assert Report.of(decided, age=age) == report
