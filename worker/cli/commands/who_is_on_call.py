"""`tocsin roster who`: whom a launch would call for a service now."""

# ruff: noqa: PLC0415 (what a command needs is imported when it runs, so that --help is quick)

import asyncio
import logging
from typing import Annotated

import typer


def who_is_on_call(
    service: Annotated[str, typer.Argument(help="The service an incident would name.")],
    *,
    json: Annotated[bool, typer.Option("--json", help="The answer as a launch would store it.")] = False,
) -> None:
    """Say who would be called for a service now, the first one first; exit with 1 if that is nobody."""
    from worker.cli.roster_access import read_roster
    from worker.observability.log import configure
    from worker.settings import Settings

    settings = Settings.read()
    configure("console", level=logging.WARNING)
    on_call = asyncio.run(read_roster(settings)).on_call(service)
    if json:
        typer.echo(on_call.model_dump_json(indent=2))
    else:
        for person in on_call.people:
            typer.echo("  ".join(part for part in (person.name, person.email, person.role) if part))
    if on_call.note:
        typer.echo(on_call.note, err=True)
    raise typer.Exit(0 if on_call.people else 1)
