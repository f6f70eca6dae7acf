"""Dead letters as people see them, within eighty columns."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from worker.dead_letters.browse import Letter
from worker.dead_letters.details import LetterPage, readable_body
from worker.dead_letters.groups import LetterGroup
from worker.dead_letters.outcome import ItemOutcome, ItemResult, Summary
from worker.domain.text import clean_line

_GAP = 2
_SENT, _INCIDENT = 11, 14
_LONGEST_REASON = 30
_SHORTEST_TITLE = 9
_LINES_OF_BODY = 60
_LONGEST_LINE = 400
_SENTENCES = 20
_DONE = {"replay": "replayed", "discard": "discarded"}
_RESULT_STYLES = {
    ItemResult.DONE: "green",
    ItemResult.SKIPPED: "yellow",
    ItemResult.GONE: "dim",
    ItemResult.FAILED: "bold red",
    ItemResult.LEFT: "red",
}


@dataclass(frozen=True, slots=True)
class Clock:
    """By which times are told: this machine's, or UTC."""

    utc: bool = False

    def short(self, moment: datetime) -> str:
        return self._there(moment).strftime("%m-%d %H:%M")

    def long(self, moment: datetime) -> str:
        return self._there(moment).strftime("%Y-%m-%d %H:%M:%S %Z")

    def zone(self) -> str:
        return self._there(datetime.now(UTC)).strftime("%Z")

    def _there(self, moment: datetime) -> datetime:
        return moment.astimezone(UTC if self.utc else None)


def letters_table(letters: Sequence[Letter], clock: Clock, *, width: int) -> Table:
    """As wide as that, from eighty columns on: title and reason give way, what commands take stands whole."""
    # Of a partitioned queue, numbers have seventeen digits.
    numbers = max([len("number"), *(len(str(letter.sequence_number)) for letter in letters)])
    rest = width - numbers - _SENT - _INCIDENT - 4 * _GAP
    reasons = min(_LONGEST_REASON, rest - _SHORTEST_TITLE)
    columns = {
        "number": numbers,
        f"sent {clock.zone()}": _SENT,
        "reason": reasons,
        "incident": _INCIDENT,
        "title": max(rest - reasons, _SHORTEST_TITLE),
    }
    table = Table(box=None, padding=(0, _GAP, 0, 0), pad_edge=False, header_style="dim")
    for name, columns_wide in columns.items():
        table.add_column(name, width=columns_wide, no_wrap=True, overflow="ellipsis")
    for letter in letters:
        table.add_row(
            str(letter.sequence_number).rjust(numbers),
            clock.short(letter.enqueued_at),
            Text(letter.reason or "none given"),
            letter.incident_id or "",
            Text(clean_line(letter.title or "no event"), style="" if letter.title else "dim"),
        )
    return table


def print_groups(console: Console, groups: Sequence[LetterGroup], clock: Clock) -> None:
    for group in groups:
        console.print(_heading(group, clock))
        example = group.example
        sentence = clean_line(example.description) or "Nobody gave a reason in words."
        told = f"for example {example.sequence_number}, {example.incident_id or 'no event'}: {sentence}"
        console.print(Padding(Text(told, style="dim"), (0, 0, 1, 8)))


def _heading(group: LetterGroup, clock: Clock) -> Text:
    oldest, newest = clock.short(group.oldest), clock.short(group.newest)
    sent = oldest if oldest == newest else f"{oldest} to {newest}"
    at = f" at {group.step}" if group.step else ""
    return Text.assemble(
        f"{group.count:>6,}  ", (group.cause or "No reason given", "bold"), f"{at}, sent {sent} {clock.zone()}"
    )


def print_page(console: Console, page: LetterPage, clock: Clock) -> None:
    letter = page.letter
    console.print(Text(f"Dead letter {letter.sequence_number}", style="bold"))
    for name, value in _facts(page, clock):
        console.print(Padding(Text.assemble((f"{name}: ", "dim"), clean_line(value)), (0, 0, 0, 2)))
    console.print()
    console.print(Text(clean_line(letter.description) or "Nobody gave a reason in words.", style="red"))
    console.print()
    console.print(Text(page.outlook))
    if page.steps:
        console.print(_steps_table(page))
    for line in _audit_lines(page, clock):
        console.print(Text(line))
    console.print()
    _print_body(console, page)


def _facts(page: LetterPage, clock: Clock) -> Iterator[tuple[str, str]]:
    letter = page.letter
    yield "reason", letter.reason or "none given"
    yield "incident", f"{letter.incident_id}  {letter.title}" if letter.incident_id else letter.fault or ""
    if page.history is not None:
        yield "launch", f"{page.history.state.value}, attempt {page.history.attempts}"
    if page.trouble:
        yield "launch", f"could not be asked for: {page.trouble}"
    yield "sent", clock.long(letter.enqueued_at)
    yield "message id", letter.message_id
    yield "failed deliveries", str(letter.delivery_count)
    yield from ((name.replace("_", " "), value) for name, value in letter.headers.items())
    # The reason and the description, which the broker writes among them, are told already.
    told = {"DeadLetterReason", "DeadLetterErrorDescription"}
    yield from ((f"property {name}", str(value)) for name, value in letter.properties.items() if name not in told)


def _steps_table(page: LetterPage) -> Table:
    table = Table(box=None, padding=(0, _GAP, 0, 0), pad_edge=False, header_style="dim")
    for name in ("step", "is", "would"):
        table.add_column(name, no_wrap=True)
    for step in page.steps:
        table.add_row(step.name, step.state.value, step.will)
    return table


def _audit_lines(page: LetterPage, clock: Clock) -> Iterator[str]:
    for record in page.audit:
        told = record.details
        edits = ", ".join(f"{name}={value}" for name, value in told.get("edits", {}).items())
        facts = (f"of {told.get('sequence_number')}", f"with {edits}" if edits else "", told.get("because", ""))
        what = " ".join(clean_line(str(fact)) for fact in facts if fact)
        yield f"{clock.long(record.at)}  {record.action} {what} by {clean_line(record.who)}"


def _print_body(console: Console, page: LetterPage) -> None:
    lines = list(readable_body(page.letter))
    for line in lines[:_LINES_OF_BODY]:
        console.print(Text(_visible(line)[:_LONGEST_LINE]))
    if len(lines) > _LINES_OF_BODY:
        console.print(Text(f"and {len(lines) - _LINES_OF_BODY:,} more lines: --json shows all", style="dim"))


def _visible(line: str) -> str:
    """Indented as it was; a hostile body writes nothing to the terminal but text."""
    return " " * (len(line) - len(line.lstrip(" "))) + clean_line(line)


def print_summary(console: Console, summary: Summary) -> None:
    if not summary.selected:
        console.print("No dead letter is meant by this.")
        return
    counts = summary.counts
    done = _DONE[summary.action]
    if summary.dry_run:
        parts = [f"{counts[ItemResult.DONE]:,} would be {done}"]
        parts += [
            f"{counts[result]:,} would be {result.value}"
            for result in (ItemResult.SKIPPED, ItemResult.FAILED)
            if counts[result]
        ]
    else:
        parts = [f"{counts[result]:,} {done if result is ItemResult.DONE else result.value}" for result in ItemResult]
    noun = "dead letter" if summary.selected == 1 else "dead letters"
    console.print(Text(f"Of {summary.selected:,} {noun} {', '.join(parts)}."))
    for line in _remarks(summary.outcomes):
        console.print(line)


def _remarks(outcomes: Sequence[ItemOutcome]) -> Iterator[Text]:
    """Each sentence once, with those it is about."""
    told = Counter((outcome.result, outcome.sentence) for outcome in outcomes if outcome.sentence)
    examples = {(outcome.result, outcome.sentence): outcome.sequence_number for outcome in reversed(outcomes)}
    for result, sentence in list(told)[:_SENTENCES]:
        number = told[result, sentence]
        who = f"{examples[result, sentence]}" + (f" and {number - 1:,} more" if number > 1 else "")
        word = "remark" if result is ItemResult.DONE else result.value
        yield Text.assemble((f"{word} ", _RESULT_STYLES[result]), f"{who}: {clean_line(sentence)}")
    if len(told) > _SENTENCES:
        yield Text(f"and {len(told) - _SENTENCES:,} other sentences: --json shows all", style="dim")
