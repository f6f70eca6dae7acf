"""Who is on call for each service, one line each."""

from collections.abc import Iterable

from rich.table import Table
from rich.text import Text

from worker.cli.drawing.on_call_answer import Answer, names
from worker.domain.text import clean_line
from worker.oncall.rows import DEFAULT_SERVICE, NOBODY


def on_call_table(answers: Iterable[Answer]) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="dim")
    for name in ("service", "on call", "until", "next"):
        table.add_column(name, overflow="fold")
    for answer in answers:
        table.add_row(Text(clean_line(answer.service)), _people(answer), Text(answer.until()), Text(_next(answer)))
    return table


def _people(answer: Answer) -> Text:
    if not answer.on_call.people:
        return Text(NOBODY, style="bold red")
    instead = f" (of {DEFAULT_SERVICE})" if answer.on_call.from_default else ""
    return Text(names(answer.on_call.people) + instead)


def _next(answer: Answer) -> str:
    if answer.following is None:
        return ""
    return f"{names(answer.following.people)}, from {answer.times.at(answer.following.start)}"
