"""Findings become results: all of them for lint, in short for the doctor."""

from collections import Counter

from surveys import scheduled, survey, weekly

from worker.doctor.finding import Verdict
from worker.doctor.schedule_lint import lint_schedules, outline_schedules

NIGHTLY = scheduled(weekly("ines", windows=["09:00-17:00"], starts="2027-01-01"))
GOOD = scheduled(weekly("ines", "jon", starts="2027-01-04T09:00"))


def test_every_finding_is_a_result():
    """A fault is wrong, a note is one; each with its kind and the thing."""
    results = lint_schedules(survey(days=5, schedules=NIGHTLY, services={"checkout": {"schedules": ["checkout"]}}))
    assert Counter((result.verdict, result.kind) for result in results) == {
        (Verdict.WRONG, "gap"): 5,
        (Verdict.NOTE, "service-without-policy"): 1,
    }
    assert {result.thing for result in results} == {"schedule:checkout", "service:checkout"}


def test_what_has_no_fault_is_told_to_be_well():
    """How many schedules, and for how long."""
    [result] = lint_schedules(survey(schedules=GOOD))
    assert (result.verdict, result.what) == (Verdict.WELL, "1 schedule, and nothing to mend in the next 30 days.")
    assert outline_schedules(survey(schedules=GOOD)) == [result]


def test_the_doctor_tells_the_worst_and_how_many_more():
    """By their kinds."""
    *worst, more = outline_schedules(
        survey(days=8, schedules=NIGHTLY, services={"checkout": {"schedules": ["checkout"]}})
    )
    assert [result.kind for result in worst] == ["gap"] * 5
    assert more.verdict is Verdict.NOTE
    assert more.what == ("4 more findings in schedules, services and policies: 3 gap, 1 service-without-policy.")
    assert more.remedy.endswith("tocsin roster lint")
