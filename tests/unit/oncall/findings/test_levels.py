"""Levels, and targets within one, that can never be told."""

import pytest
from surveys import scheduled, survey, weekly

from worker.oncall.findings.finding import Severity
from worker.oncall.findings.levels import find_untold_levels

TWO = (weekly("ines", "jon", depth=2),)


def found(*notify, layers=TWO, last_resort=(), **more):
    policy = {"levels": [{"notify": list(notify), "wait": "5 min"}], "last_resort": list(last_resort)}
    return list(find_untold_levels(survey(schedules=scheduled(*layers, **more), policies={"urgent": policy})))


@pytest.mark.parametrize(
    ("target", "reason"),
    [
        ("schedule:checkout#3", "schedule:checkout#3, and checkout never names more than 2"),
        ("schedule:chekout", "there is no schedule chekout (do you mean checkout?)"),
        ("schedule:Checkout", "there is no schedule Checkout (do you mean checkout?)"),
        ("person:zoe", "person:zoe stands nowhere in people"),
    ],
)
def test_a_level_that_finds_nobody_ever_is_told(target, reason):
    """With why; beside somebody else it is only worth knowing."""
    [alone] = found(target)
    assert (alone.severity, alone.what) == (
        Severity.FAULT,
        f"Level 1 of the policy urgent can never be told: {reason}.",
    )
    [beside] = found(target, "person:lia")
    assert beside.severity is Severity.NOTE
    assert reason in beside.what


def test_a_level_without_anybody_and_a_last_resort_are_levels_too():
    """Both are named."""
    empty, resort = found(last_resort=["schedule:gone"])
    assert "Level 1 of the policy urgent can never be told: it names nobody." in empty.what
    assert resort.what.startswith("The last resort of the policy urgent can never be told")


@pytest.mark.parametrize(
    ("target", "layers", "more"),
    [
        ("schedule:checkout#2", [weekly("ines", "jon", depth=2)], {}),
        ("schedule:checkout#2", [weekly(["ines", "jon"])], {}),
        ("schedule:checkout#2", [weekly("ines"), weekly("jon", name="too")], {}),
        ("schedule:checkout#2", [weekly("ines", "jon", "kai", every=None)], {}),
        ("schedule:checkout#3", [weekly("ines", ["jon", "kai"], depth=2)], {}),
        ("schedule:checkout#2", [weekly("ines", changes=[{"from": "2027-09-01", "people": [["ines", "jon"]]}])], {}),
        (
            "schedule:checkout#2",
            [weekly("ines")],
            {"overrides": [{"from": "2027-09-01", "to": "2027-09-02", "person": "jon", "add": True}]},
        ),
        ("schedule:checkout#1", [], {"overrides": [{"from": "2027-09-01", "to": "2027-09-02", "person": "jon"}]}),
        ("role:incident-commander", [weekly("ines")], {}),
        ("webhook:pager", [weekly("ines")], {}),
    ],
)
def test_a_level_that_somebody_may_be_told_by_some_day_is_not(target, layers, more):
    """By depth, together, by another layer, without turns, by a list to come, added later."""
    assert found(target, layers=layers, **more) == []


@pytest.mark.parametrize(
    ("target", "layers", "more"),
    [
        ("schedule:checkout#2", [weekly("ines", depth=2)], {}),
        ("schedule:checkout#2", [weekly("ines", "ines", depth=2)], {}),
        ("schedule:checkout#2", [weekly("ines"), weekly("jon", name="above", priority=1)], {}),
        ("schedule:checkout#2", [weekly("ines"), weekly("jon", name="old", ends="2027-05-03T09:30")], {}),
        (
            "schedule:checkout#2",
            [weekly("ines", "jon", depth=2)],
            {"absences": [{"person": "jon", "from": "2027-05-01"}]},
        ),
        ("schedule:checkout", [weekly(None)], {}),
        ("schedule:checkout", [], {}),
    ],
)
def test_a_list_that_is_never_so_long_is_told(target, layers, more):
    """One person, the same twice, a hidden layer, one that has ended, somebody who has left, nobody at all."""
    assert len(found(target, layers=layers, **more)) == 1
