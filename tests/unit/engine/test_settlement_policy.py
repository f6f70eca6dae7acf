"""From what a launch came to, to what is done with its message."""

from datetime import timedelta

import pytest

from worker.domain.errors import Forbidden, Rejected, Throttled, Unknown, Unreachable
from worker.domain.settlement import Complete, DeadLetter, RetryLater
from worker.engine.settlement_policy import settlement

HOUR = timedelta(hours=1)
FOUR_HOURS = timedelta(hours=4)


def decide(failures, *, attempt=1, waiting=timedelta(), urgent=False):
    return settlement(failures, attempt=attempt, waiting=waiting, give_up_after=FOUR_HOURS, urgent=urgent)


def test_a_launch_without_failures_is_complete():
    """Nothing failed, so the message is done with."""
    assert decide({}) == Complete()


def test_what_may_still_succeed_is_tried_again():
    """A transient failure is retried later, and says which step and why."""
    decided = decide({"create-channel": Unreachable("Graph did not answer.")})
    assert isinstance(decided, RetryLater)
    assert decided.because == "create-channel: Graph did not answer."


def test_the_longest_wait_that_anybody_asked_for_counts():
    """Two remote systems ask for patience; both get it."""
    failures = {
        "create-channel": Throttled("slow", retry_after=timedelta(seconds=7)),
        "assign": Unknown("lost", retry_after=timedelta(seconds=31)),
    }
    assert decide(failures).delay == timedelta(seconds=31)


def test_a_permanent_failure_is_dead_lettered_by_error_and_step():
    """The reason groups well and the description is the sentence."""
    decided = decide({"create-work-item": Rejected("Boards has no type 'Issu'.")})
    assert decided == DeadLetter("Rejected:create-work-item", "create-work-item: Boards has no type 'Issu'.")


def test_a_permanent_failure_waits_for_the_steps_that_may_still_succeed():
    """As long as one step is worth another attempt, the message is not given up."""
    failures = {"create-work-item": Rejected("no"), "create-channel": Unreachable("later")}
    assert isinstance(decide(failures), RetryLater)


def test_giving_up_names_the_permanent_failure_before_the_transient_one():
    """After the time to give up, what could never succeed is the cause."""
    failures = {"create-channel": Throttled("slow"), "assign": Forbidden("no right")}
    decided = decide(failures, attempt=12, waiting=timedelta(hours=4, minutes=5))
    assert decided.reason == "Forbidden:assign"
    assert decided.description.startswith("Given up after 4 h 5 min and 12 attempts.")


def test_giving_up_on_a_throttled_step_says_so():
    """The reason of a launch that was given up is the error that kept it."""
    assert decide({"create-channel": Throttled("slow")}, waiting=FOUR_HOURS).reason == "Throttled:create-channel"


def test_a_description_stays_within_what_a_dead_letter_holds():
    """A page of error text is cut, and one sees that it was."""
    decided = decide({"assign": Rejected("x" * 10_000)})
    assert len(decided.description) == 2_000
    assert decided.description.endswith("…")


def an_outage(kind=Unreachable, **facts):
    error = kind("Azure Boards did not answer.", **facts)
    error.outage = True
    return error


def test_an_outage_is_waited_out_beyond_the_time_to_give_up():
    """While a system is down for everybody, no incident is given up for it."""
    decided = decide({"create-work-item": an_outage()}, attempt=400, waiting=FOUR_HOURS * 2)
    assert isinstance(decided, RetryLater)
    assert decided.outage


@pytest.mark.parametrize("attempt", [1, 5, 50])
def test_an_outage_is_looked_at_again_soon_after_the_next_probe(attempt):
    """However many attempts there were, and not before the probe."""
    asked = an_outage(retry_after=timedelta(seconds=15))
    assert timedelta(seconds=15) <= decide({"assign": asked}, attempt=attempt).delay <= timedelta(seconds=30)


def test_what_fails_like_an_outage_for_a_day_is_looked_at_by_a_person():
    """A request that breaks its system each time looks like an outage, and must not come back for ever."""
    decided = decide({"create-work-item": an_outage(Unknown)}, attempt=1_500, waiting=FOUR_HOURS)
    assert decided.reason == "Unknown:create-work-item"


def test_a_failure_of_its_own_counts():
    """A wait that is no outage says so, and the launch counts its time."""
    assert not decide({"create-channel": Throttled("slow")}).outage


def test_a_server_that_asks_for_no_patience_is_not_asked_at_once():
    """A delay of nothing would hand the message back, and burn its deliveries within seconds."""
    assert decide({"create-channel": Throttled("slow", retry_after=timedelta())}).delay >= timedelta(seconds=1)


@pytest.mark.parametrize(
    ("asked", "most"),
    [(None, timedelta(seconds=30)), (timedelta(seconds=20), timedelta(seconds=30)), (HOUR, HOUR)],
)
def test_what_is_urgent_never_waits_for_minutes(asked, most):
    """But as long as a system asks for; what is not urgent waits longer with each attempt."""
    down = Unreachable("Graph did not answer.", retry_after=asked)
    down.outage = asked is not None
    urgent, usual = (decide({"create-channel": down}, attempt=20, urgent=urgent).delay for urgent in (True, False))
    assert urgent <= most
    assert usual > most or usual == asked == HOUR
