"""Mutation control: no rule of the response can be taken away without the explorations finding what it prevents."""

import pytest
from exploration import everything, explored
from response_rules_off import RESPONSE_RULES_OFF
from response_run import ResponseRun
from response_scenarios import ALL_OF_RESPONSE
from virtual_time import replaced


@pytest.mark.parametrize("off", RESPONSE_RULES_OFF, ids=str)
def test_without_the_rule_something_is_found(off):
    """With one rule switched off some run loses or doubles what it must not."""
    with replaced(off.changes):
        (name,) = off.seen_in
        report = explored(name, ALL_OF_RESPONSE[name], everything(1), until=off.harm, kind=ResponseRun)
    assert report.findings, f"Nothing was found without this rule: {off}."
