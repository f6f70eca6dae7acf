"""`tocsin sweep`: what stands twice, and making it stand once."""

import asyncio
import logging
from datetime import timedelta
from json import dumps
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from worker.app.sweep import open_sweep
from worker.cli.consoles import stdout_console
from worker.cli.json_output import print_json
from worker.cli.moments import read_duration
from worker.engine.sweep import RepairOutcome, Swept
from worker.observability.log import configure
from worker.settings import Settings


def sweep(
    *,
    since: Annotated[
        timedelta, typer.Option(parser=read_duration, metavar="DURATION", help="How far back: 30m, 24h, 7d.")
    ] = "1h",  # type: ignore[assignment]  # typer parses it
    yes: Annotated[bool, typer.Option("--yes", help="Repair; without it, only print what would be done.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Everything that was found, as JSON.")] = False,
) -> None:
    """Workers do the same on their own, every TOCSIN_SWEEP_EVERY_SECONDS.

    What people made or worked on is never touched.
    """
    settings = Settings.read()
    configure("console", level=logging.WARNING)
    swept = asyncio.run(_sweep(settings, since, repair=yes))
    if json:
        _print_findings(swept)
    else:
        _print_table(swept, repairing=yes)
    if not _all_well(swept, repairing=yes):
        raise typer.Exit(1)


async def _sweep(settings: Settings, since: timedelta, *, repair: bool) -> Swept:
    async with open_sweep(settings) as sweep:
        return await sweep.run(since, repair=repair)


def _all_well(swept: Swept, *, repairing: bool) -> bool:
    left = swept.count(RepairOutcome.LEFT) if repairing else 0
    return not left and not swept.count(RepairOutcome.FAILED)


def _print_findings(swept: Swept) -> None:
    findings = [finding.model_dump(mode="json") for finding in swept.findings]
    print_json(dumps({"counts": swept.counts, "findings": findings}, indent=2))


def _print_table(swept: Swept, *, repairing: bool) -> None:
    if swept.findings:
        table = Table("Incident", "What", "Number", "Stays", "Outcome", "Why", box=None, pad_edge=False)
        for each in swept.findings:
            cells = (each.incident_id, each.kind, each.id, each.kept, each.outcome.value, each.because)
            table.add_row(*map(Text, cells))
        stdout_console().print(table)
    looked_at = f"{swept.incidents} incident{'' if swept.incidents == 1 else 's'} looked at"
    if not swept.findings:
        typer.echo(f"{looked_at}, nothing stands twice.", err=True)
    elif not repairing:
        typer.echo(f"{looked_at}, nothing changed. With --yes, what is marked found is repaired.", err=True)
