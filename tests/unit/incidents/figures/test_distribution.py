"""Of many values a count, a median and the one that nine in ten do not exceed; never a mean."""

import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.incidents.figures.distribution import Distribution

VALUES = st.lists(st.one_of(st.none(), st.integers(0, 10**6).map(float)), max_size=60)


@pytest.mark.parametrize(
    ("values", "median", "p90"),
    [
        ([], None, None),
        ([None, None], None, None),
        ([7.0], 7.0, 7.0),
        ([1.0, 3.0], 2.0, 3.0),
        ([5.0, 1.0, 9.0], 5.0, 9.0),
        ([float(value) for value in range(1, 11)], 5.5, 9.0),
        ([float(value) for value in range(1, 21)], 10.5, 18.0),
    ],
)
def test_a_hand_comes_to_the_same(values, median, p90):
    """By nearest rank: the value is one that an incident had."""
    found = Distribution.of(values)
    assert (found.median, found.p90) == (median, p90)


@given(VALUES)
def test_what_is_unknown_is_counted_apart_and_changes_no_number(values):
    """As if those were not there."""
    known = [value for value in values if value is not None]
    found = Distribution.of(values)
    assert (found.count, found.unknown) == (len(known), len(values) - len(known))
    assert found.model_copy(update={"unknown": 0}) == Distribution.of(known)
    assert list(found.values) == sorted(known)


@given(VALUES.map(lambda values: [value for value in values if value is not None]).filter(bool))
def test_percentiles_are_among_the_values_and_in_order(values):
    """At least nine in ten are no longer than the p90, and fewer are shorter."""
    found = Distribution.of(values)
    assert found.median == statistics.median(values)
    assert found.p90 in values
    assert sum(value <= found.p90 for value in values) * 10 >= len(values) * 9
    assert sum(value < found.p90 for value in values) * 10 < len(values) * 9


def test_no_mean_is_told():
    """It would carry decisions that it cannot carry."""
    assert not {"mean", "average", "mttr"} & set(Distribution.model_fields)
