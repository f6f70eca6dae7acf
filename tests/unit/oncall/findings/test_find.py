"""All kinds together, over what people write."""

import importlib
import pkgutil
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from surveys import scheduled, survey, weekly

from worker.domain.paging_ways import SMS
from worker.oncall import findings
from worker.oncall.findings.find import KINDS, find
from worker.oncall.findings.finding import Severity
from worker.oncall.rows import DEFAULT_SERVICE
from worker.oncall.stored.row import BrokenRow

EVERY = st.sampled_from(["1 hour", "5 hours", "1 day", "2 weeks", "1 month", "1 window", None])
WINDOWS = st.sampled_from([["mon-fri 18:00-08:00"], ["sat 00:00-24:00"], ["mon 00:00-mon 00:00"], ["02:15-02:45"]])
ZONES = st.sampled_from(["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia", "UTC"])
NAMES = st.lists(st.sampled_from(["ines", "jon", "zoe", None]), max_size=4)


@st.composite
def layers(draw):
    return [
        {
            "name": str(number),
            "starts": draw(st.sampled_from(["2027-03-27T02:30", "2027-10-31T02:30", "2027-05-03T09:00Z"])),
            "every": draw(EVERY),
            "windows": draw(WINDOWS),
            "people": draw(NAMES),
            "priority": draw(st.integers(0, 2)),
            "time_zone": draw(ZONES),
            "depth": draw(st.integers(1, 3)),
            "changes": [{"from": "2027-10-31T02:45", "people": draw(NAMES)}],
        }
        for number in range(draw(st.integers(0, 3)))
    ]


@given(layers=layers(), zone=ZONES, at=st.sampled_from(["2027-03-27T00:00Z", "2027-10-30T00:00Z"]))
@settings(max_examples=40)
def test_whatever_stands_there_each_finding_says_what_why_and_how(layers, zone, at):
    """Faults first; nothing is said twice, and nothing that is written down fails."""
    schedules = scheduled(
        *layers,
        zone=zone,
        overrides=[{"from": "2027-10-31T01:30", "to": "2027-10-31T02:30", "person": "jon", "replaces": "ines"}],
        absences=[{"person": "jon", "from": "2027-10-31"}],
    )
    policies = {"p": {"levels": [{"notify": ["schedule:checkout#2", "role:ic"], "wait": "5 min"}]}}
    found = find(survey(at, days=3, schedules=schedules, services={"checkout": {}}, policies=policies))
    assert all(finding.what.endswith(".") and finding.why and finding.remedy for finding in found)
    severities = [finding.severity for finding in found]
    assert severities == sorted(severities, key=lambda each: each is not Severity.FAULT)
    assert len({(finding.kind, finding.thing, finding.what) for finding in found}) == len(found)


def test_definitions_without_a_fault_have_none():
    """As a good file is."""
    good = survey(
        schedules=scheduled(weekly("ines", "jon", starts="2027-01-04T09:00")),
        services={"default": {"schedules": ["checkout"], "policies": ["urgent"]}},
        policies={
            "urgent": {"levels": [{"notify": ["schedule:checkout"], "wait": "5 min"}], "last_resort": ["person:lia"]}
        },
    )
    assert find(good) == []


def test_a_row_that_cannot_be_read_is_a_fault():
    """By its keys, and what is wrong with it."""
    row = BrokenRow(("schedule:checkout", "layer:week"), "every: '3 moons' is no length of a turn")
    [finding] = find(survey(seen={"unreadable": [row]}))
    assert (finding.severity, finding.thing) == (Severity.FAULT, "row:schedule:checkout/layer:week")
    assert "3 moons" in finding.what


@pytest.fixture
def names():
    """What each module of the package defines, or takes from another."""
    modules = [module.name for module in pkgutil.iter_modules(findings.__path__)]
    return [each for name in modules for each in vars(importlib.import_module(f"{findings.__name__}.{name}")).items()]


def test_every_kind_is_looked_for(names):
    """A file that finds something is in the list."""
    assert {value for name, value in names if name.startswith("find_")} == set(KINDS)


def test_every_name_of_a_kind_is_on_the_page(names):
    """It is a promise to programs that read it."""
    kinds = {value for name, value in names if name.isupper() and isinstance(value, str)}
    kinds = {kind for kind in kinds if re.fullmatch(r"[a-z]+(-[a-z]+)*", kind)} - {DEFAULT_SERVICE, SMS}
    page = (Path(__file__).parents[4] / "docs" / "json.md").read_text()
    assert {kind for kind in kinds if f"`{kind}`" not in page} == set()
    assert {"gap", "seam-opens"} <= kinds
