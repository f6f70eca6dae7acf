"""How a launch is shown: a table that is drawn anew on a terminal, a line for each change elsewhere."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from math import ceil
from typing import Any

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.table import Table
from rich.text import Text

from worker.cli.drawing.durations import spell
from worker.cli.drawing.wall_clock import LOCAL, WallClock
from worker.domain.response.state import RUNNING
from worker.domain.states import LaunchState, StepState
from worker.domain.text import clean_line
from worker.incidents.follow import Show
from worker.incidents.history import History
from worker.incidents.step_rows import Row, rows
from worker.oncall.rows import NOBODY

_MARKS = {StepState.WAITING: "·", StepState.BEGUN: "…", StepState.DONE: "✓", StepState.FAILED: "✗"}
_STYLES = {StepState.WAITING: "dim", StepState.BEGUN: "yellow", StepState.DONE: "green", StepState.FAILED: "bold red"}
LAUNCH_STYLES = {
    LaunchState.LAUNCHING: "yellow",
    LaunchState.LAUNCHED: "bold green",
    LaunchState.NOBODY_TOLD: "bold white on red",
    LaunchState.FAILED: "bold red",
}
_RETRIES_STYLE = "yellow"
_SOON = timedelta(minutes=1)
_NOBODY_TOLD = "NOBODY TOLD"
CALL_SOMEBODY = "Nobody has been told of this incident. Call somebody yourself."
_NAME_WIDTH = 22  # with the other columns, leaves thirty of eighty for what was made


@contextmanager
def launch_view(console: Console) -> Iterator[Show]:
    """What is given to the yielded function is shown, as soon as it differs from what was given before."""
    if not console.is_terminal:
        yield _line_printer(console)
        return
    last: RenderableType = ""

    def show(history: History) -> None:
        nonlocal last
        last = drawing(history, datetime.now(UTC))
        live.update(last, refresh=True)

    # What is redrawn ends at the window's last line; the end is printed whole, however long.
    with Live(console=console, auto_refresh=False, transient=True) as live:
        yield show
    console.print(last)


def _line_printer(console: Console) -> Show:
    shown: History | None = None

    def show(history: History) -> None:
        nonlocal shown
        for line in changes(shown, history):
            console.print(Text(line), soft_wrap=True)
        shown = history

    return show


def drawing(history: History, now: datetime, clock: WallClock = LOCAL) -> RenderableType:
    """The launch as it is now, within eighty columns."""
    shown = rows(history, now)
    next_try = _next_try(history, now, clock)
    return Group(headline(history, now), Text(), _table(shown, next_try), *_troubles(history, shown, next_try))


def headline(history: History, now: datetime) -> Text:
    ended_at = _ended_at(history) if history.has_ended else None
    took = spell(max((ended_at or now) - history.received_at, timedelta()))
    told = {
        LaunchState.LAUNCHING: f"launching for {took}",
        LaunchState.LAUNCHED: f"launched in {took}",
        LaunchState.NOBODY_TOLD: _NOBODY_TOLD if history.has_ended else f"{_NOBODY_TOLD} for {took}",
        LaunchState.FAILED: f"failed after {took}",
    }
    return Text.assemble(
        (history.incident_id, "bold"),
        "  ",
        (told[history.state], LAUNCH_STYLES[history.state]),
        f", attempt {history.attempts}" if history.attempts > 1 else "",
        _response(history),
        f"\n{clean_line(history.event.title)}",
    )


def _response(history: History) -> str:
    response = history.response
    if response is None:
        return ""
    who = f", {clean_line(response.owner.name)} has it" if response.owner is not None else ", nobody has it yet"
    return f"; {response.state}{who if response.state in RUNNING else ''}"


def _next_try(history: History, now: datetime, clock: WallClock) -> str:
    if history.next_try_at is None:
        return "to be tried again"
    rest = history.next_try_at - now
    if rest <= timedelta():
        return "next try is due"
    return f"next try {f'in {ceil(rest.total_seconds())} s' if rest < _SOON else _at(history.next_try_at, clock)}"


def _at(moment: datetime, clock: WallClock) -> str:
    return f"at {clock.time_of_day(moment)}"


def _table(shown: Sequence[Row], next_try: str) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="dim")
    table.add_column("step", width=_NAME_WIDTH, no_wrap=True)
    table.add_column("state", no_wrap=True)
    table.add_column("try", justify="right")
    table.add_column("took", justify="right", no_wrap=True)
    table.add_column("result", overflow="fold")
    for row in shown:
        table.add_row(
            Text(row.label, style="dim" if row.is_part else ""),
            Text(f"{_MARKS[row.state]} {row.state.value}", style=_STYLES[row.state]),
            str(row.attempt or ""),
            spell(row.took) if row.took is not None else "",
            Text(next_try, style=_RETRIES_STYLE) if row.retries else _result(row),
        )
    return table


def _result(row: Row) -> Text:
    words = row.words or ("see below" if row.error else "")
    if row.words == NOBODY:
        return Text(words, style="bold red")
    return Text(words, style=f"link {row.address}" if row.address else "")


def _troubles(history: History, shown: Sequence[Row], next_try: str) -> Iterator[Text]:
    """Why it is not launched, and each error as its sentence."""
    because = _because(history)
    if (
        history.told_at is None
        and not history.event.closed
        and history.state in {LaunchState.NOBODY_TOLD, LaunchState.FAILED}
    ):
        yield Text(f"\n{CALL_SOMEBODY}", style="bold red")
    if history.state is LaunchState.FAILED and because:
        yield Text(f"\nIn the dead letters: {because}", style="bold red")
    elif because:
        yield Text(f"\n{next_try.capitalize()}: {because}", style=_RETRIES_STYLE)
    for row in shown:
        if row.error:
            yield Text(f"\n{row.name}: {row.error}", style=_RETRIES_STYLE if row.retries else "red")


def _because(history: History) -> str:
    """Without the sentences that are told with the steps they come from."""
    whole = failure = clean_line(history.failure or "")
    for step in history.steps:
        sentence = clean_line(step.error or "").partition(": ")[2]
        if sentence:
            failure = failure.replace(f"{step.name.partition(':')[0]}: {sentence}", "")
    return whole if failure == whole else " ".join(failure.split()).removesuffix(".")


def addresses(history: History) -> list[tuple[str, str]]:
    """Where the things can be looked at, each address once, with the step that made it."""
    first: dict[str, str] = {}
    for row in rows(history, history.received_at):
        if row.address:
            first.setdefault(row.address, row.name)
    return [(name, url) for url, name in first.items()]


def print_addresses(console: Console, history: History) -> None:
    """Unwrapped, so that they can be copied."""
    for name, url in addresses(history):
        console.print(Text.assemble((f"{name:<{_NAME_WIDTH}}  ", "dim"), url), soft_wrap=True)


def changes(before: History | None, after: History) -> list[str]:
    """A line for each thing that became different, in the order in which it did."""
    known = {} if before is None else {row.name: row for row in rows(before, before.received_at)}
    changed = [row for row in rows(after, after.received_at) if _differs(known.get(row.name), row)]
    moments = {row.name: row.ended_at or row.begun_at or after.received_at for row in changed}
    makers = {name for name, _ in addresses(after)}
    return [
        *([_opening(after)] if before is None else []),
        *(
            f"{_since(after, moments[row.name])}  {_change(row, with_address=row.name in makers)}"
            for row in sorted(changed, key=lambda row: moments[row.name])
        ),
        *_turns(before, after),
    ]


def _differs(before: Row | None, after: Row) -> bool:
    return _progress(after)[0] is not StepState.WAITING and (before is None or _progress(before) != _progress(after))


def _progress(row: Row) -> tuple[StepState, int]:
    """That a launch was given up is no news of a step whose last try had failed before."""
    return StepState.FAILED if row.retries else row.state, row.attempt


def _opening(history: History) -> str:
    return f"{history.incident_id}  {clean_line(history.event.title)}"


def _change(row: Row, *, with_address: bool) -> str:
    again = f" (attempt {row.attempt})" if row.attempt > 1 else ""
    state = "waits for its next try" if row.retries else row.state.value
    told = (f"{row.name} {state}{again}", row.words, row.address if with_address else "", row.error)
    return "  ".join(part for part in told if part)


def _turns(before: History | None, after: History) -> Iterator[str]:
    if before is not None and _turn(before) == _turn(after):
        return
    because = _because(after)
    match after.state:
        case LaunchState.LAUNCHED:
            yield f"{_since(after, _ended_at(after))}  launched"
        case LaunchState.NOBODY_TOLD:
            again = f" It is tried again {_at(after.next_try_at, LOCAL)}." if after.next_try_at else ""
            yield f"{_since(after, _ended_at(after))}  nobody told: {CALL_SOMEBODY}{again}"
        case LaunchState.FAILED:
            yield f"{_since(after, _ended_at(after))}  failed, and is in the dead letters: {because}"
        case LaunchState.LAUNCHING if after.next_try_at is not None:
            again = f"will be tried again {_at(after.next_try_at, LOCAL)}"
            yield f"{_since(after, _ended_at(after))}  {again}" + (f": {because}" if because else "")


def _turn(history: History) -> tuple[Any, ...]:
    return history.state, history.failure, history.next_try_at


def _since(history: History, moment: datetime | None) -> str:
    return f"+{spell(max((moment or history.received_at) - history.received_at, timedelta()))}"


def _ended_at(history: History) -> datetime | None:
    """When it was launched, or when its last step failed."""
    if history.launched_at is not None:
        return history.launched_at
    if history.state is LaunchState.FAILED or history.failure:
        return max((step.ended_at for step in history.steps if step.ended_at), default=None)
    return None
