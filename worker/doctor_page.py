"""A diagnosis as people read it, within eighty columns."""

from collections.abc import Iterable

from rich.console import Console
from rich.text import Text

from worker.finding import Diagnosis, Finding, Verdict
from worker.incident import clean_line

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
        _print_beside(console, mark, Text(clean_line(finding.what)))
        for name, words in (("Why it matters: ", finding.why), ("To mend it: ", finding.mend)):
            if words:
                _print_beside(console, Text(" " * _AREA_WIDTH), Text.assemble((name, "dim"), clean_line(words)))


def _print_beside(console: Console, mark: Text, words: Text) -> None:
    """Without the blanks at the ends of lines that a table would leave."""
    for number, line in enumerate(words.wrap(console, console.width - _AREA_WIDTH)):
        line.rstrip()
        console.print(Text.assemble(mark if number == 0 else " " * _AREA_WIDTH, line), soft_wrap=True)
