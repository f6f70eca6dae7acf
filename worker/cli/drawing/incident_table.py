"""The list of incidents as people see it."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from rich.console import Console
from rich.table import Table
from rich.text import Text

from worker.cli.drawing.durations import spell
from worker.cli.drawing.hanging_indent import print_hanging
from worker.cli.drawing.launch_table import CALL_SOMEBODY, LAUNCH_STYLES
from worker.cli.drawing.wall_clock import ago
from worker.domain.states import LaunchState, StepState
from worker.domain.text import clean_line
from worker.incidents.listing import ListedIncident

_WIDTHS = {"incident": 14, "state": 11, "response": 12, "sev": 3, "service": 8, "age": 6, "launch": 6}
_GAP = 1
_SHORTEST_TITLE = 12
# In which order of urgency the steps that are not done are told.
_MISSING = {StepState.FAILED: "failed", StepState.BEGUN: "begun", StepState.WAITING: "waiting"}


def print_incidents(console: Console, found: Sequence[ListedIncident], now: datetime) -> None:
    """Eighty columns are enough: a title gives way, an id never does."""
    table = Table(box=None, padding=(0, _GAP, 0, 0), pad_edge=False, header_style="dim")
    for name, columns in _WIDTHS.items():
        table.add_column(name, width=columns, no_wrap=True, overflow="ellipsis")
    rest = console.width - sum(columns + _GAP for columns in _WIDTHS.values())
    table.add_column("title", width=max(rest, _SHORTEST_TITLE), no_wrap=True, overflow="ellipsis")
    for each in found:
        table.add_row(*_cells(each, now))
    console.print(table)
    for each in found:
        if each.missing or each.state is LaunchState.NOBODY_TOLD:
            print_hanging(console, Text(f"{each.incident_id}  ", style="dim"), _troubled(each))


def _cells(each: ListedIncident, now: datetime) -> Iterator[Text]:
    yield Text(each.incident_id)
    yield Text(each.state.value, style=LAUNCH_STYLES[each.state])
    yield Text(each.response.state if each.response is not None else "")
    yield Text(str(each.response.severity if each.response is not None else each.severity.value))
    yield Text(clean_line(each.service))
    yield Text(ago(now - each.received_at))
    yield Text(_took(each.took))
    yield Text(clean_line(each.title))


def _took(took: timedelta | None) -> str:
    if took is None:
        return ""
    return spell(took) if took < timedelta(minutes=1) else ago(took)


def _troubled(each: ListedIncident) -> Text:
    """What is missing, on lines of its own beneath the table: it says more than a column holds."""
    by_state = {state: [step.step for step in each.missing if step.state is state] for state in _MISSING}
    told = "; ".join(f"{_MISSING[state]}: {', '.join(steps)}" for state, steps in by_state.items() if steps)
    if each.state is LaunchState.NOBODY_TOLD:
        return Text(f"{CALL_SOMEBODY} {told}".strip(), style="bold red")
    return Text(told)
