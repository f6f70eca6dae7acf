"""A layer that nobody ever sees is told, and one that is seen once a year is not."""

import pytest
from surveys import scheduled, survey, weekly

from worker.oncall.findings.hidden_layers import find_hidden_layers

BASE = weekly("ines", name="base")


def hidden(*layers, **more):
    return [finding.thing for finding in find_hidden_layers(survey(schedules=scheduled(*layers, **more)))]


def test_a_layer_beneath_one_that_always_names_somebody_is_hidden():
    """Also beneath two that do so together, each for its hours."""
    assert hidden(BASE, weekly("jon", priority=1)) == ["layer:checkout/base"]
    day = weekly("jon", name="day", priority=1, windows=["08:00-20:00"])
    night = weekly("kai", name="night", priority=2, windows=["20:00-08:00"])
    assert hidden(BASE, day, night) == ["layer:checkout/base"]


@pytest.mark.parametrize(
    "above",
    [
        weekly("jon"),
        weekly("jon", priority=1, windows=["mon-fri 08:00-20:00"]),
        weekly(*["jon"] * 40, None, priority=1),
        weekly("jon", priority=1, starts="2027-12-01"),
        weekly("jon", priority=1, ends="2028-01-01"),
    ],
    ids=["equal", "windows", "an empty turn in ten months", "not begun", "ends"],
)
def test_a_layer_that_is_seen_at_some_time_of_a_year_is_not(above):
    """By its own people, however late."""
    assert hidden(BASE, above) == []


def test_whoever_is_away_is_hidden_behind_nobody():
    """An absence for good uncovers what stands beneath."""
    assert hidden(BASE, weekly("jon", priority=1), absences=[{"person": "jon", "from": "2027-06-01"}]) == []


@pytest.mark.parametrize("layer", [weekly(None, name="base"), weekly("ines", name="base", ends="2027-05-03T09:30")])
def test_a_layer_that_names_nobody_is_not_hidden(layer):
    """It has no people, or it has ended."""
    assert hidden(layer, weekly("jon", priority=1)) == []
