"""`tocsin roster who`: whom a launch would call for a service now."""

import asyncio
import logging
from typing import Annotated

import typer

from worker.cli.json_output import print_json
from worker.cli.roster_access import print_unreadable, read_roster
from worker.domain.text import clean_line
from worker.observability.log import configure
from worker.settings import Settings


def who_is_on_call(
    service: Annotated[str, typer.Argument(help="The service an incident would name.")],
    *,
    json: Annotated[bool, typer.Option("--json", help="The answer as a launch would store it.")] = False,
) -> None:
    settings = Settings.read()
    configure("console", level=logging.WARNING)
    roster = asyncio.run(read_roster(settings))
    on_call = roster.on_call(service)
    if json:
        print_json(on_call.model_dump_json(indent=2))
    else:
        for person in on_call.people:
            typer.echo("  ".join(clean_line(part) for part in (person.name, person.email, person.role) if part))
    if on_call.note:
        typer.echo(clean_line(on_call.note), err=True)
    print_unreadable(roster)
    raise typer.Exit(0 if on_call.people else 1)
