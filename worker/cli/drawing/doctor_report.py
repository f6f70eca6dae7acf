"""A diagnosis as people read it, within eighty columns."""

from collections.abc import Iterable

from rich.console import Console
from rich.text import Text

from worker.cli.drawing.hanging_indent import print_hanging
from worker.doctor.finding import Diagnosis, Finding, Verdict
from worker.domain.text import clean_line

_MARKS = {Verdict.WELL: "✓", Verdict.NOTE: "!", Verdict.WRONG: "✗"}
_STYLES = {Verdict.WELL: "green", Verdict.NOTE: "yellow", Verdict.WRONG: "bold red"}
_AREA_WIDTH = 13


def print_diagnosis(console: Console, diagnosis: Diagnosis) -> None:
    print_findings(console, diagnosis.findings)
    wrong = sum(finding.verdict is Verdict.WRONG for finding in diagnosis.findings)
    told = "A launch would succeed." if diagnosis.well else f"{wrong} thing{'s' if wrong > 1 else ''} to mend."
    console.print(Text(f"\n{told}", style="bold green" if diagnosis.well else "bold red"))


def print_findings(console: Console, findings: Iterable[Finding]) -> None:
    for finding in findings:
        mark = Text(f"{_MARKS[finding.verdict]} {finding.area:<{_AREA_WIDTH - 2}}", style=_STYLES[finding.verdict])
        print_hanging(console, mark, Text(clean_line(finding.what)))
        for name, words in (("Why it matters: ", finding.why), ("To mend it: ", finding.mend)):
            if words:
                print_hanging(console, Text(" " * _AREA_WIDTH), Text.assemble((name, "dim"), clean_line(words)))
