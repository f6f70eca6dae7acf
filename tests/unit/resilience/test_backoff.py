"""How long is waited before the next attempt."""

from datetime import timedelta

import pytest

from worker.resilience.backoff import backoff


@pytest.mark.parametrize("attempt", [1, 2, 5, 9, 1_000])
def test_waits_grow_to_a_limit(attempt):
    """Each wait is between half and the whole of a doubling that ends at five minutes."""
    longest = min(timedelta(seconds=2) * 2 ** min(attempt - 1, 8), timedelta(minutes=5))
    assert longest / 2 <= backoff(attempt) <= longest
