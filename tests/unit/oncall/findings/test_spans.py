"""Spans of time, joined, common, and left over."""

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from worker.oncall.findings.spans import common, joined, length, without

SPANS = st.lists(st.tuples(st.integers(0, 20), st.integers(1, 6)).map(lambda each: (each[0], each[0] + each[1])))


def minutes(spans):
    return {minute for start, end in spans for minute in range(start, end)}


@given(one=SPANS, other=SPANS)
@settings(max_examples=60)
def test_they_are_what_sets_of_minutes_are(one, other):
    """Whatever overlaps or touches."""
    first, second = joined(one), joined(other)
    assert minutes(first) == minutes(one)
    assert minutes(common(first, second)) == minutes(one) & minutes(other)
    assert minutes(without(first, second)) == minutes(one) - minutes(other)
    assert length(first) == len(minutes(one))
    assert all(before[1] < after[0] for before, after in pairwise(first))
