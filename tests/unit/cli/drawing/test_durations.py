"""How long something took, in words."""

from datetime import timedelta

import pytest

from worker.cli.drawing.durations import spell


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0.00 s"),
        (0.354, "0.35 s"),
        (59.99, "59.99 s"),
        (60, "1 min 00 s"),
        (3_599, "59 min 59 s"),
        (7_260, "2 h 01 min"),
    ],
)
def test_durations_are_spelt_for_people(seconds, words):
    """Precise while they are short."""
    assert spell(timedelta(seconds=seconds)) == words
