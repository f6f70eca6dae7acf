"""From what a launch came to, to what is done with its message; pure."""

import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from worker.errors import Permanent, TocsinError

# The first wait is short, since most trouble is; the longest keeps a mended system waiting for no more than minutes.
_FIRST_DELAY = timedelta(seconds=2)
_LONGEST_DELAY = timedelta(minutes=5)
_DOUBLINGS = 8

# Service Bus takes 4,096 characters elsewhere in its SDKs, and this one sends the description twice in one frame.
_DESCRIPTION_LIMIT = 2_000


@dataclass(frozen=True, slots=True)
class Complete:
    """The message is done with."""


@dataclass(frozen=True, slots=True)
class RetryLater:
    delay: timedelta
    because: str


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """`reason` is a stable code to group by; `description` the sentence for the person who reads it."""

    reason: str
    description: str


Settlement = Complete | RetryLater | DeadLetter


def dead_letter(reason: str, description: str) -> DeadLetter:
    whole = len(description) <= _DESCRIPTION_LIMIT
    return DeadLetter(reason, description if whole else description[: _DESCRIPTION_LIMIT - 1] + "…")


def settlement(
    failures: Mapping[str, TocsinError], *, attempt: int, waiting: timedelta, give_up_after: timedelta
) -> Settlement:
    """What to do after an attempt whose failures are given by step, in the order of the playbook.

    `waiting` is how long the launch has been tried for. What may still succeed is tried again, until it is time to
    give up; what never will is dead-lettered once nothing else is left to try.
    """
    if not failures:
        return Complete()
    hopeful = {step: error for step, error in failures.items() if not isinstance(error, Permanent)}
    if hopeful and waiting < give_up_after:
        return RetryLater(_delay(hopeful, attempt), _sentences(hopeful))
    text = _sentences(failures)
    if hopeful:
        text = f"Given up after {_spoken(waiting)} and {attempt} attempts. {text}"
    # What can never succeed names the cause before what was only not given enough time.
    cause = next((step for step in failures if step not in hopeful), next(iter(failures)))
    return dead_letter(f"{type(failures[cause]).__name__}:{cause}", text)


def _delay(failures: Mapping[str, TocsinError], attempt: int) -> timedelta:
    asked = [error.retry_after for error in failures.values() if error.retry_after is not None]
    return max(asked) if asked else backoff(attempt)


def backoff(attempt: int) -> timedelta:
    """Doubles with each attempt; half of it is chance, so that a thousand incidents do not return in step."""
    longest: timedelta = min(_FIRST_DELAY * 2 ** min(attempt - 1, _DOUBLINGS), _LONGEST_DELAY)
    share = random.uniform(0.5, 1.0)  # noqa: S311 (a delay is no secret)
    return longest * share


def _sentences(failures: Mapping[str, TocsinError]) -> str:
    return " ".join(f"{step}: {error}" for step, error in failures.items())


def _spoken(duration: timedelta) -> str:
    minutes = int(duration.total_seconds() // 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min"
