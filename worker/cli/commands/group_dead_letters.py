"""`tocsin dead-letters groups`: dead letters by their cause."""

import asyncio
import json

import typer

from worker.cli.consoles import stdout_console
from worker.cli.dead_letter_options import read_filter
from worker.cli.drawing.dead_letter_tables import Clock, print_groups
from worker.cli.json_output import print_json
from worker.cli.operator_context import open_operator_context
from worker.cli.output_options import Json, Utc
from worker.cli.shared_options import with_options_of
from worker.dead_letters.filter import Filter, matching
from worker.dead_letters.groups import Grouping, LetterGroup


@with_options_of(read_filter)
def group_dead_letters(
    wanted: Filter,
    *,
    json: Json = False,
    utc: Utc = False,
) -> None:
    groups = asyncio.run(_groups(wanted))
    if json:
        _print_json(groups)
    elif groups:
        _print(groups, utc=utc)
    else:
        typer.echo("There is no such dead letter.", err=True)


async def _groups(wanted: Filter) -> list[LetterGroup]:
    grouping = Grouping()
    async with open_operator_context() as context:
        async for _, letter in matching(context.dead_letters, wanted):
            grouping.add(letter)
    return grouping.groups()


def _print_json(groups: list[LetterGroup]) -> None:
    print_json(json.dumps({"groups": [group.model_dump(mode="json") for group in groups]}, indent=2))


def _print(groups: list[LetterGroup], *, utc: bool) -> None:
    print_groups(stdout_console(), groups, Clock(utc=utc))
