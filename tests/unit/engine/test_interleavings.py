"""Whatever becomes of one incident's requests and workers, every effect is there once."""

import pytest
from exploration import by_chance, everything, explored, replayed, written
from model_oracle import Violation
from scenarios import BEYOND, PROMPT, SCENARIOS

# Enough for the suite of every day; `python tests/support/explore.py` goes on from here.
_SEEDS = range(120)
_DISTURBANCES = 5


def assert_nothing_found(report):
    assert not report.findings, str(report.findings[0])


@pytest.mark.parametrize("name", SCENARIOS)
def test_no_single_disturbance_loses_or_doubles_an_effect(name):
    """At every request each of its fates once: lost, late, never, or the death, pause or stop of its worker."""
    report = explored(name, SCENARIOS[name], everything(1))
    assert_nothing_found(report)
    assert report.executions > 150
    assert report.tally["dies"] > 25


@pytest.mark.parametrize("name", SCENARIOS)
def test_no_disturbances_by_chance_lose_or_double_an_effect(name):
    """Several of them in one run, wherever chance puts them."""
    report = explored(name, SCENARIOS[name], by_chance(_SEEDS, _DISTURBANCES))
    assert_nothing_found(report)


@pytest.mark.parametrize("name", PROMPT)
def test_what_needs_no_waiting_is_not_waited_for(name):
    """A lost answer of the store, or a clock that is wrong, makes nobody wait for a lease longer than it stands."""
    assert_nothing_found(explored(name, PROMPT[name], everything(1)))


@pytest.mark.parametrize("name", BEYOND)
def test_what_the_guarantee_excludes_does_harm(name):
    """Each of its assumptions is needed: where it does not hold, an effect can be there twice."""
    report = explored(name, BEYOND[name], everything(1), until="There twice")
    assert report.findings


def test_a_finding_can_be_had_again():
    """The choices that a finding prints lead to the same violation, by the same story."""
    name = "paused-on-the-doorstep"
    finding = explored(name, BEYOND[name], everything(1)).findings[0]
    told = []
    with pytest.raises(Violation) as again:
        replayed(BEYOND[name], finding.choices, tell=told.append)
    assert (str(again.value), told) == (finding.violation, finding.story)


def test_a_finding_tells_how_to_have_it_again():
    """The command stands under the story."""
    name = "paused-on-the-doorstep"
    finding = explored(name, BEYOND[name], everything(1)).findings[0]
    assert str(finding).endswith(f"explore.py replay {name} {written(finding.choices)}")
    assert finding.choices
