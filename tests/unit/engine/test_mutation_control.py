"""Mutation control: no rule of exactly once can be taken away without the explorations finding what it prevents."""

import pytest
from exploration import by_chance, everything, explored
from rules_off import ONLY_TIME, RULES_OFF
from scenarios import PROMPT, SCENARIOS
from virtual_time import replaced

# Most are found by a single disturbance; those that need more meet it by chance long before this.
_SEEDS = range(3_000)
_DISTURBANCES = 4
_KNOWN = SCENARIOS | PROMPT


def searches(off):
    """From the narrowest to the widest."""
    for name in off.seen_in:
        yield name, everything(1)
    for name in off.seen_in:
        yield name, by_chance(_SEEDS, _DISTURBANCES)


@pytest.mark.parametrize("off", RULES_OFF, ids=str)
def test_without_the_rule_something_is_found(off):
    """With one rule switched off some run duplicates, delays or settles what it must not."""
    with replaced(off.changes):
        for name, choosers in searches(off):
            if explored(name, _KNOWN[name], choosers, until=off.harm).findings:
                return
    pytest.fail(f"Nothing was found without this rule: {off}.")


@pytest.mark.parametrize("off", [off for off in RULES_OFF if off.harm == ONLY_TIME], ids=str)
def test_without_these_rules_nothing_is_doubled(off):
    """What they save is time: no single disturbance makes an effect twice where they are missing."""
    with replaced(off.changes):
        report = explored("two-workers", SCENARIOS["two-workers"], everything(1), until="There twice")
    assert not report.findings, str(report.findings[0])
