"""Rows of definitions that could not be read; each hides only itself."""

from collections.abc import Iterator

from worker.oncall.findings.finding import Finding, fault
from worker.oncall.findings.survey import Survey
from worker.oncall.findings.wording import sentence

KIND = "broken-row"


def find_broken_rows(survey: Survey) -> Iterator[Finding]:
    for row in survey.unreadable:
        yield fault(
            KIND,
            f"row:{row.keys[0]}/{row.keys[1]}",
            sentence(f"The row {row.sentence}"),
            why="It is left out, as if it were not there.",
            remedy="Correct it in the table of schedules, or write it anew: `tocsin roster import FILE --yes`",
        )
