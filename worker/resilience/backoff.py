"""How long to wait before the next attempt."""

import random
from datetime import timedelta

# The first wait is short, since most trouble is; the longest keeps a mended system waiting for no more than minutes.
_FIRST_DELAY = timedelta(seconds=2)
_LONGEST_DELAY = timedelta(minutes=5)
_DOUBLINGS = 8


def backoff(attempt: int) -> timedelta:
    """Doubles with each attempt; half of it is chance, so that a thousand incidents do not return in step."""
    longest: timedelta = min(_FIRST_DELAY * 2 ** min(attempt - 1, _DOUBLINGS), _LONGEST_DELAY)
    share = random.uniform(0.5, 1.0)  # noqa: S311 (a delay is no secret)
    return longest * share
