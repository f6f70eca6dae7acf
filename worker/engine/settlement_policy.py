"""From what a launch came to, to what is done with its message; pure."""

from collections.abc import Mapping
from datetime import timedelta

from worker.domain.errors import Permanent, TocsinError
from worker.domain.settlement import Complete, IncidentSettlement, RetryLater, dead_letter
from worker.resilience.backoff import backoff

# While a system is down for everybody, its first answer is not to find us asleep: so many times the wait for its next
# probe at most.
_PROBES_SLEPT_THROUGH = 2
# An outage is nobody's fault and waited for; but what fails like one for a day is looked at by a person.
_MOST_ATTEMPTS = 1_500
# What is urgent is tried as often as this, however often it has failed.
_LONGEST_OF_THE_URGENT = timedelta(seconds=30)


def settlement(
    failures: Mapping[str, TocsinError],
    *,
    attempt: int,
    waiting: timedelta,
    give_up_after: timedelta,
    urgent: bool = False,
) -> IncidentSettlement:
    """What to do after an attempt whose failures are given by step, in the order of the playbook.

    `waiting` is how long the launch has been tried for, without the time for which a system was down. What may still
    succeed is tried again, until it is time to give up; what never will is dead-lettered once nothing else is left to
    try.
    """
    if not failures:
        return Complete()
    hopeful = {step: error for step, error in failures.items() if not isinstance(error, Permanent)}
    patient = waiting < give_up_after or (_is_outage(hopeful) and attempt < _MOST_ATTEMPTS)
    if hopeful and patient:
        outage = _is_outage(hopeful)
        return RetryLater(_delay(hopeful, attempt, outage=outage, urgent=urgent), _sentences(hopeful), outage=outage)
    text = _sentences(failures)
    if hopeful:
        text = f"Given up after {_spoken(waiting)} and {attempt} attempts. {text}"
    # What can never succeed names the cause before what was only not given enough time.
    cause = next((step for step in failures if step not in hopeful), next(iter(failures)))
    return dead_letter(f"{type(failures[cause]).__name__}:{cause}", text)


def _is_outage(failures: Mapping[str, TocsinError]) -> bool:
    return any(error.outage for error in failures.values())


def _delay(failures: Mapping[str, TocsinError], attempt: int, *, outage: bool, urgent: bool) -> timedelta:
    asked = max(error.retry_after or timedelta() for error in failures.values())
    ours = min(backoff(attempt), _LONGEST_OF_THE_URGENT) if urgent else backoff(attempt)
    # Some servers ask for no patience at all; a retry without any would be a message handed back, and burn deliveries.
    if not asked:
        return ours
    return max(asked, min(ours, _PROBES_SLEPT_THROUGH * asked)) if outage else asked


def _sentences(failures: Mapping[str, TocsinError]) -> str:
    return " ".join(f"{step}: {error}" for step, error in failures.items())


def _spoken(duration: timedelta) -> str:
    minutes = int(duration.total_seconds() // 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min"
