"""Whatever becomes of the messages, requests and workers of one incident, each act counts once and each effect is there."""

import pytest
from exploration import by_chance, everything, explored
from response_run import ResponseRun
from response_scenarios import NARROW, WIDE

# Enough for the suite of every day; the soak goes on from here.
_SEEDS = range(12)
_MORE_SEEDS = range(12, 400)
_DISTURBANCES = 5
_POINTS = 200


def assert_nothing_found(report):
    assert not report.findings, str(report.findings[0])


@pytest.mark.parametrize("name", NARROW)
def test_no_single_disturbance_loses_or_doubles_anything(name):
    """At every request the death of its worker, or its landing late; and any other order of two requests."""
    report = explored(name, NARROW[name], everything(1), kind=ResponseRun)
    assert_nothing_found(report)
    assert report.executions > 50


@pytest.mark.parametrize("name", WIDE)
@pytest.mark.parametrize("seeds", [_SEEDS, pytest.param(_MORE_SEEDS, marks=pytest.mark.soak)], ids=["few", "many"])
def test_no_disturbances_by_chance_lose_or_double_anything(name, seeds):
    """Several of them in one run, wherever chance puts them."""
    assert_nothing_found(explored(name, WIDE[name], by_chance(seeds, _DISTURBANCES, _POINTS), kind=ResponseRun))
