"""Whatever becomes of one incident's messages, requests and workers: each act counts once, as does each effect."""

from itertools import islice

import pytest
from exploration import by_chance, everything, explored
from response_run import ResponseRun
from response_scenarios import NARROW, WIDE

# Enough for the suite of every day; `python tests/support/explore.py` goes on from here.
_SEEDS = range(12)
_EVERY = 4
_DISTURBANCES = 5
_POINTS = 200


def assert_nothing_found(report):
    assert not report.findings, str(report.findings[0])


@pytest.mark.parametrize("name", NARROW)
def test_no_single_disturbance_loses_or_doubles_anything(name):
    """At every fourth request the death of its worker, or its landing late."""
    report = explored(name, NARROW[name], islice(everything(1), 0, None, _EVERY), kind=ResponseRun)
    assert_nothing_found(report)
    assert report.executions > 12


@pytest.mark.parametrize("name", WIDE)
def test_no_disturbances_by_chance_lose_or_double_anything(name):
    """Several of them in one run, wherever chance puts them."""
    assert_nothing_found(explored(name, WIDE[name], by_chance(_SEEDS, _DISTURBANCES, _POINTS), kind=ResponseRun))
