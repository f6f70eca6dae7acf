"""Counting in a circle of 32 bits."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.sandbox.service_bus.serial import ahead, plus, within

numbers = st.integers(0, 2**32 - 1)


@given(numbers, st.integers(0, 2**31 - 1))
def test_ahead_undoes_plus(start, step):
    """Wherever the count starts, across the end of the circle too."""
    assert ahead(plus(start, step), start) == step


@given(numbers, st.integers(1, 2**31))
def test_what_lies_behind_is_not_ahead(start, step):
    """Half a circle and more counts as behind."""
    assert ahead(plus(start, -step), start) == 0


@pytest.mark.parametrize(
    ("number", "first", "last", "inside"),
    [
        (5, 5, 5, True),
        (5, 4, 6, True),
        (3, 4, 6, False),
        (7, 4, 6, False),
        (1, 2**32 - 2, 3, True),
        (2**32 - 3, 2**32 - 2, 3, False),
        (5, 6, 4, False),
        (0, 0, 2**32 - 1, False),
    ],
)
def test_a_range_may_run_over_the_end_but_not_backwards(number, first, last, inside):
    """A range of half a circle or more is one that runs backwards."""
    assert within(number, first, last) is inside
