"""`tocsin dead-letters list`: each dead letter on a line."""

# ruff: noqa: PLC0415 (what a command needs is imported when it runs, so that --help is quick)

import asyncio
from typing import TYPE_CHECKING, Annotated

import typer

from worker.cli.dead_letter_options import Incident, Json, Reason, Seq, Since, Step, Until, Utc, read_filter

if TYPE_CHECKING:
    from worker.dead_letters.browse import Letter
    from worker.dead_letters.filter import Filter


def list_dead_letters(
    *,
    seq: Seq = None,
    incident: Incident = None,
    reason: Reason = None,
    step: Step = None,
    since: Since = None,
    until: Until = None,
    limit: Annotated[int, typer.Option(min=1, help="The newest so many.")] = 50,
    json: Json = False,
    utc: Utc = False,
) -> None:
    """List dead letters, the newest first, with the reason and the incident of each."""
    wanted = read_filter(seq=seq, incident=incident, reason=reason, step=step, since=since, until=until)
    newest, count = asyncio.run(_newest(wanted, limit))
    if json:
        _print_json(newest, count)
    elif newest:
        _print_table(newest, count, utc=utc)
    else:
        typer.echo("There is no such dead letter.", err=True)


async def _newest(wanted: "Filter", limit: int) -> "tuple[list[Letter], int]":
    from collections import deque

    from worker.cli.bulk_run import open_operator_context
    from worker.dead_letters.filter import matching

    newest: deque[Letter] = deque(maxlen=limit)
    count = 0
    async with open_operator_context() as context:
        async for _, letter in matching(context.dead_letters, wanted):
            newest.appendleft(letter)
            count += 1
    return list(newest), count


def _print_json(newest: "list[Letter]", count: int) -> None:
    import json

    letters = [letter.model_dump(mode="json") for letter in newest]
    typer.echo(json.dumps({"matching": count, "dead_letters": letters}, indent=2))


def _print_table(newest: "list[Letter]", count: int, *, utc: bool) -> None:
    from worker.cli.drawing.dead_letter_tables import Clock, letters_table
    from worker.cli.watching import stdout_console

    console = stdout_console()
    console.print(letters_table(newest, Clock(utc=utc), width=console.width))
    if count > len(newest):
        typer.echo(
            f"{len(newest):,} of {count:,}; --limit shows more, `tocsin dead-letters groups` the whole.", err=True
        )
