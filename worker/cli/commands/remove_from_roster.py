"""`tocsin roster remove`: a person, or a single row, out of the on-call table."""

import asyncio
import logging
from collections.abc import Sequence
from typing import Annotated

import typer

from worker.cli.roster_access import open_roster, record_changes
from worker.domain.errors import Gone
from worker.domain.text import quoted
from worker.observability.log import configure
from worker.oncall.on_call import Roster
from worker.oncall.removal import Removal, removals_of, without
from worker.oncall.rows import NOBODY
from worker.settings import Settings


def remove_from_roster(
    who: Annotated[
        str,
        typer.Argument(metavar="EMAIL", help="Whose rows; or the keys of one row as `tocsin roster lint` prints them."),
    ],
    *,
    service: Annotated[str | None, typer.Option(help="Only for this service; else for all of them.")] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do it; without this, only say what would be done.")] = False,
) -> None:
    """A row that cannot be read has no address: it is named by its keys, such as checkout/ada@contoso.example."""
    settings = Settings.read()
    configure("console", level=logging.WARNING)
    removals = asyncio.run(_remove(settings, who.strip(), service, yes=yes))
    typer.echo(f"{len(removals)} row{'s' if len(removals) > 1 else ''} {'removed' if yes else 'would be removed'}.")
    if not yes:
        typer.echo("Nothing was changed. To do it, say the same with --yes.", err=True)


async def _remove(settings: Settings, who: str, service: str | None, *, yes: bool) -> Sequence[Removal]:
    """What is to go is told before any of it is."""
    async with open_roster(settings) as table:
        roster = await table.roster()
        removals = removals_of(roster, who, service)
        if not removals:
            raise Gone(_nobody(who, service))
        for removal in removals:
            typer.echo(removal.sentence)
        _warn(roster, without(roster, removals))
        if yes:
            await record_changes(settings, "remove", [removal.sentence for removal in removals])
            for removal in removals:
                await table.delete(removal.keys)
    return removals


def _nobody(who: str, service: str | None) -> str:
    for_service = f" for the service {quoted(service)!r}" if service is not None else ""
    return (
        f"The on-call table has no row of {quoted(who)!r}{for_service}, and nothing was changed. "
        "`tocsin roster list` says whom it names."
    )


def _warn(before: Roster, after: Roster) -> None:
    """Of each service that somebody was called for, and nobody would be."""
    for service in sorted({row.identity[0] for row in before.rows}):
        if before.on_call(service).people and not after.on_call(service).people:
            typer.echo(f"Then {NOBODY} for {service!r}, nor by default.", err=True)
