"""Every gap is told, with what each layer says to it and the command that closes it."""

import pytest
from surveys import scheduled, survey, weekly

from worker.oncall.findings.finding import Severity
from worker.oncall.findings.gaps import find_gaps
from worker.oncall.on_call import Roster
from worker.oncall.rows import Row

SERVED = {"services": {"checkout": {"schedules": ["checkout"]}}}
WINDOWS = weekly("ines", windows=["mon-fri 00:00-24:00"])


def gaps(**given):
    return list(find_gaps(survey(**{"days": 8, **given})))


def test_a_gap_says_when_why_and_what_closes_it():
    """By the schedule's clock."""
    [gap] = gaps(schedules=scheduled(WINDOWS, weekly("jon", name="late", starts="2027-06-01")), **SERVED)
    assert (gap.severity, gap.thing) == (Severity.FAULT, "schedule:checkout")
    assert gap.what == (
        "checkout names nobody from Sat 8 May 00:00 to Mon 10 May 00:00 "
        "(layer week has no window open, layer late has not begun)."
    )
    assert "--from 2027-05-08T00:00 --to 2027-05-10T00:00" in gap.remedy
    assert gap.why == "Nobody is called for checkout then."


@pytest.mark.parametrize(
    ("layers", "more", "reason"),
    [
        ([], {}, "it has no layers"),
        ([weekly("ines", ends="2027-05-07T09:00")], {}, "layer week has ended"),
        ([weekly(None)], {}, "layer week has an empty turn"),
        ([weekly()], {}, "layer week has an empty turn"),
        (
            [weekly(["ines", "jon"])],
            {"absences": [{"person": "ines", "from": "2027-05-04"}, {"person": "jon", "from": "2027-05-04"}]},
            "layer week names people who are away: ines and jon",
        ),
        (
            [weekly("ines", windows=["mon-thu 00:00-24:00"])],
            {"absences": [{"person": "ines", "from": "2027-05-04", "to": "2027-05-10"}]},
            "layer week names people who are away: ines, layer week has no window open",
        ),
    ],
)
def test_each_reason_is_told(layers, more, reason):
    """Each thing that a layer says within the gap, once."""
    assert reason in gaps(schedules=scheduled(*layers, **more))[-1].what


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"starts": "2027-06-01T09:00"}, "from Mon 3 May 10:00 to Tue 1 Jun 09:00 ("),
        ({"ends": "2027-05-04T09:00"}, "from Tue 4 May 09:00 on ("),
    ],
)
def test_a_gap_is_told_to_its_end(more, told):
    """Be that beyond the days that are looked at, or never."""
    [gap] = gaps(schedules=scheduled(weekly("ines", **more)))
    assert f"names nobody {told}" in gap.what


def test_a_gap_that_an_override_closes_is_none():
    """Whoever covers it is there."""
    cover = {"from": "2027-05-08", "to": "2027-05-10", "person": "kai"}
    assert gaps(schedules=scheduled(WINDOWS, overrides=[cover])) == []


@pytest.mark.parametrize(
    ("schedules", "services"),
    [
        (
            {"other": {"time_zone": "UTC", "layers": [weekly("jon", starts="2027-01-01")]}},
            {"schedules": ["checkout", "other"]},
        ),
        (
            {"default": {"time_zone": "UTC", "layers": [weekly("jon", starts="2027-01-01")]}},
            {"schedules": ["Checkout"]},
        ),
    ],
)
def test_a_gap_in_which_another_schedule_answers_is_worth_knowing(schedules, services):
    """Another one of the service, or that of default; a schedule is named without regard to case."""
    found = gaps(schedules=scheduled(WINDOWS) | schedules, services={"checkout": services})
    assert [gap.severity for gap in found] == [Severity.NOTE]


def test_a_gap_in_which_the_simple_table_answers_is_worth_knowing():
    """By a row of the service, or of default."""
    for service in ("checkout", "default"):
        rows = (Row(name="Ada", email="ada@x.example", service=service, oncall=True),)
        found = gaps(schedules=scheduled(WINDOWS), seen={"roster": Roster(rows=rows, unreadable=())}, **SERVED)
        assert [gap.severity for gap in found] == [Severity.NOTE]


def test_a_part_that_nobody_answers_is_a_fault():
    """Another schedule for some of the gap does not make it a note."""
    half = {"time_zone": "UTC", "layers": [weekly("jon", windows=["sat 00:00-24:00"])]}
    services = {"checkout": {"schedules": ["checkout", "half"]}}
    found = gaps(schedules=scheduled(WINDOWS) | {"half": half}, services=services)
    assert {gap.severity for gap in found if gap.thing == "schedule:checkout"} == {Severity.FAULT}


def test_very_many_gaps_are_counted():
    """A hundred of a schedule are told one by one."""
    found = gaps(days=9, schedules=scheduled(weekly("ines", None, every="1 hour")))
    assert len(found) == 101
    assert "checkout names nobody 8 more times until" in found[-1].what
    assert {gap.severity for gap in found} == {Severity.FAULT}
    rows = (Row(name="Ada", email="ada@x.example", service="default", oncall=True),)
    seen = {"roster": Roster(rows=rows, unreadable=())}
    found = gaps(days=9, schedules=scheduled(weekly("ines", None, every="1 hour")), seen=seen)
    assert {gap.severity for gap in found} == {Severity.NOTE}
