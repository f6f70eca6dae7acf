"""Schedules with their answers, instant by instant, as they are public."""

import json
from pathlib import Path

import pytest

from worker.oncall.reading.build import build
from worker.oncall.reading.given_definitions import GivenDefinitions
from worker.oncall.schedule.moments import Moment, read_moment
from worker.oncall.schedule.shifts import gaps

CASES = json.loads((Path(__file__).parents[1] / "examples" / "on-call-vectors.json").read_text())["cases"]
QUESTIONS = [
    pytest.param(case["schedule"], ask, id=f"{case['name']}-{ask['at']}") for case in CASES for ask in case["ask"]
]
WITH_GAPS = [case for case in CASES if "gaps" in case]


def read(given):
    return build(GivenDefinitions(schedules={"it": given})).schedules["it"]


@pytest.mark.parametrize(("given", "ask"), QUESTIONS)
def test_who_is_on_call_is_as_the_vectors_say(given, ask):
    """In the order in which they are called."""
    assert list(read(given).at(read_moment(ask["at"]).minute).people) == ask["on_call"]


@pytest.mark.parametrize("case", WITH_GAPS, ids=lambda case: case["name"])
def test_when_nobody_is_on_call_is_as_the_vectors_say(case):
    """From the first minute without anybody to the first with somebody."""
    asked = case["gaps"]
    start, end = read_moment(asked["from"]).minute, read_moment(asked["to"]).minute
    found = [[str(Moment(each, is_instant=True)) for each in gap] for gap in gaps(read(case["schedule"]), start, end)]
    assert found == asked["nobody"]
