"""A diagnosis as people read it, within eighty columns."""

from collections.abc import Iterable

from rich.console import Console
from rich.text import Text

from worker.cli.drawing.hanging_indent import print_hanging
from worker.doctor.finding import CheckResult, Diagnosis, Verdict
from worker.domain.text import clean_line

_MARKS = {Verdict.WELL: "✓", Verdict.NOTE: "!", Verdict.WRONG: "✗"}
_STYLES = {Verdict.WELL: "green", Verdict.NOTE: "yellow", Verdict.WRONG: "bold red"}
_AREA_WIDTH = 13


def print_diagnosis(console: Console, diagnosis: Diagnosis) -> None:
    print_findings(console, diagnosis.results)
    wrong = sum(result.verdict is Verdict.WRONG for result in diagnosis.results)
    told = "A launch would succeed." if diagnosis.well else f"{wrong} thing{'s' if wrong > 1 else ''} to remedy."
    console.print(Text(f"\n{told}", style="bold green" if diagnosis.well else "bold red"))


def print_findings(console: Console, results: Iterable[CheckResult]) -> None:
    for result in results:
        mark = Text(f"{_MARKS[result.verdict]} {result.area:<{_AREA_WIDTH - 2}}", style=_STYLES[result.verdict])
        print_hanging(console, mark, Text(clean_line(result.what)))
        for name, words in (("Why it matters: ", result.why), ("To remedy it: ", result.remedy)):
            if words:
                print_hanging(console, Text(" " * _AREA_WIDTH), Text.assemble((name, "dim"), clean_line(words)))
