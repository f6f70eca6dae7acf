"""`tocsin dead-letters groups`: dead letters by their cause."""

# ruff: noqa: PLC0415 (what a command needs is imported when it runs, so that --help is quick)

import asyncio
from typing import TYPE_CHECKING

import typer

from worker.cli.dead_letter_options import Incident, Json, Reason, Seq, Since, Step, Until, Utc, read_filter

if TYPE_CHECKING:
    from worker.dead_letters.filter import Filter
    from worker.dead_letters.groups import LetterGroup


def group_dead_letters(
    *,
    seq: Seq = None,
    incident: Incident = None,
    reason: Reason = None,
    step: Step = None,
    since: Since = None,
    until: Until = None,
    json: Json = False,
    utc: Utc = False,
) -> None:
    """Group dead letters by reason and step, the largest group first, each with an example."""
    wanted = read_filter(seq=seq, incident=incident, reason=reason, step=step, since=since, until=until)
    groups = asyncio.run(_groups(wanted))
    if json:
        _print_json(groups)
    elif groups:
        _print(groups, utc=utc)
    else:
        typer.echo("There is no such dead letter.", err=True)


async def _groups(wanted: "Filter") -> "list[LetterGroup]":
    from worker.cli.bulk_run import open_operator_context
    from worker.dead_letters.filter import matching
    from worker.dead_letters.groups import Grouping

    grouping = Grouping()
    async with open_operator_context() as context:
        async for _, letter in matching(context.dead_letters, wanted):
            grouping.add(letter)
    return grouping.groups()


def _print_json(groups: "list[LetterGroup]") -> None:
    import json

    typer.echo(json.dumps({"groups": [group.model_dump(mode="json") for group in groups]}, indent=2))


def _print(groups: "list[LetterGroup]", *, utc: bool) -> None:
    from worker.cli.drawing.dead_letter_tables import Clock, print_groups
    from worker.cli.watching import stdout_console

    print_groups(stdout_console(), groups, Clock(utc=utc))
