"""A rate is read as people write it."""

from datetime import timedelta

import pytest

from worker.domain.sender_rate import SenderRate, read_rate


@pytest.mark.parametrize(
    ("text", "count", "seconds"),
    [
        ("30/10m", 30, 600),
        (" 500 / H ", 500, 3600),
        ("1/30s", 1, 30),
        ("100/d", 100, 86400),
        ("999999/9999m", 999_999, 599_940),
    ],
)
def test_a_number_in_a_time(text, count, seconds):
    """Without a number before its unit it is one of them."""
    assert read_rate(text) == SenderRate(count, timedelta(seconds=seconds))


@pytest.mark.parametrize(
    "text", ["", "30", "0/m", "3/0m", "3/", "3/10", "-3/m", "3.5/m", "3/10w", "3/m/m", "1000000/m"]
)
def test_what_is_none_is_refused_with_an_example(text):
    """With what stands there."""
    with pytest.raises(ValueError, match="as 30/10m or 500/h") as refusal:
        read_rate(text)
    assert repr(text) in str(refusal.value)
