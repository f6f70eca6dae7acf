"""A diagnosis as people read it, within eighty columns."""

from collections import Counter
from collections.abc import Iterable

from rich.console import Console
from rich.text import Text

from worker.cli.drawing.hanging_indent import print_hanging
from worker.doctor.finding import CheckResult, Diagnosis, Verdict
from worker.domain.text import clean_line

_MARKS = {Verdict.WELL: "✓", Verdict.NOTE: "!", Verdict.PLANTED: "~", Verdict.WRONG: "✗"}
_STYLES = {Verdict.WELL: "green", Verdict.NOTE: "yellow", Verdict.PLANTED: "cyan", Verdict.WRONG: "bold red"}
_AREA_WIDTH = 13


def print_diagnosis(console: Console, diagnosis: Diagnosis) -> None:
    print_findings(console, diagnosis.results)
    count = Counter(result.verdict for result in diagnosis.results)
    told = "A launch would succeed." if diagnosis.well else f"{_things(count[Verdict.WRONG])} to remedy."
    if count[Verdict.PLANTED]:
        told += f" Of the sandbox's own, planted on purpose (~): {_things(count[Verdict.PLANTED])}."
    console.print(Text(f"\n{told}", style="bold green" if diagnosis.well else "bold red"))


def _things(number: int) -> str:
    return f"{number} thing{'' if number == 1 else 's'}"


def print_findings(console: Console, results: Iterable[CheckResult]) -> None:
    for result in results:
        mark = Text(f"{_MARKS[result.verdict]} {result.area:<{_AREA_WIDTH - 2}}", style=_STYLES[result.verdict])
        print_hanging(console, mark, Text(clean_line(result.what)))
        for name, words in (("Why it matters: ", result.why), ("To remedy it: ", result.remedy)):
            if words:
                print_hanging(console, Text(" " * _AREA_WIDTH), Text.assemble((name, "dim"), clean_line(words)))
