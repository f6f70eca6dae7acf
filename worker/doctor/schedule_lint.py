"""What is wrong with schedules, services and policies, as results of a check."""

from collections import Counter
from collections.abc import Iterable, Sequence

from worker.doctor.finding import CheckResult, Verdict, note, well
from worker.doctor.roster_lint import AREA
from worker.oncall.findings.find import find
from worker.oncall.findings.finding import Finding, Severity
from worker.oncall.findings.survey import Survey

_VERDICTS = {Severity.FAULT: Verdict.WRONG, Severity.NOTE: Verdict.NOTE}
_WORST = 5
_ALL = "All of them, with their commands: tocsin roster lint"


def lint_schedules(survey: Survey) -> list[CheckResult]:
    """Everything that is found."""
    found = find(survey)
    return [*map(_result, found)] or [_all_well(survey)]


def outline_schedules(survey: Survey) -> list[CheckResult]:
    """The same in short: the worst few, and how many more there are of which kind."""
    results = lint_schedules(survey)
    shown, left = results[:_WORST], results[_WORST:]
    return [*shown, _more(left)] if left else shown


def _result(finding: Finding) -> CheckResult:
    return CheckResult(
        area=AREA,
        verdict=_VERDICTS[finding.severity],
        what=finding.what,
        why=finding.why,
        remedy=finding.remedy,
        kind=finding.kind,
        thing=finding.thing,
    )


def _all_well(survey: Survey) -> CheckResult:
    count = len(survey.definitions.schedules)
    schedules = f"{count or 'No'} schedule{'' if count == 1 else 's'}"
    return well(AREA, f"{schedules}, and nothing to mend in the next {survey.days} days.")


def _more(results: Sequence[CheckResult]) -> CheckResult:
    kinds = ", ".join(f"{count} {kind}" for kind, count in Counter(_kinds(results)).most_common())
    return note(
        AREA,
        f"{len(results)} more finding{'' if len(results) == 1 else 's'} in schedules, services and policies: {kinds}.",
        why="What is not mended by day is found at night.",
        remedy=_ALL,
    )


def _kinds(results: Iterable[CheckResult]) -> Iterable[str]:
    return (result.kind for result in results)
