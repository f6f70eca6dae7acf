"""`tocsin retention`: what is kept no longer, exported and deleted."""

import asyncio
import logging
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from worker.app.retention import open_retention
from worker.cli.consoles import stdout_console
from worker.cli.json_output import print_json
from worker.cli.moments import read_duration
from worker.cli.output_options import Json
from worker.domain.errors import Misconfigured
from worker.observability.log import configure
from worker.retention.export import Export
from worker.retention.report import RetentionReport
from worker.settings import Settings


def retention(
    *,
    older_than: Annotated[
        timedelta | None,
        typer.Option(
            parser=read_duration, metavar="DURATION", help="Instead of TOCSIN_KEEP_DAYS: 90d. From 15d on it is safe."
        ),
    ] = None,
    export: Annotated[
        Path | None,
        typer.Option(metavar="DIR", file_okay=False, help="Where what is deleted is written first: a file for a run."),
    ] = None,
    no_export: Annotated[bool, typer.Option("--no-export", help="Delete for good, and write it nowhere.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Delete; without it, only print what would be.")] = False,
    json: Json = False,
) -> None:
    """Workers do the same once a day where TOCSIN_KEEP_DAYS is set.

    An incident is deleted once nothing was heard of it for so long; one whose launch failed, after twice as long. What
    is being launched, or named by a dead letter, or of which nobody was told, stays however old it is.
    """
    settings = Settings.read()
    configure("console", level=logging.WARNING)
    keep = older_than if older_than is not None else settings.keep_days
    directory = None if no_export else export or settings.export_directory
    if older_than is None and not keep:
        raise Misconfigured("Nothing says how long incidents are kept: give --older-than 90d, or set TOCSIN_KEEP_DAYS.")
    if export is not None and no_export:
        raise typer.BadParameter("what is deleted is either exported or not", param_hint="--no-export")
    if yes and directory is None and not no_export and settings.keep_export is None:
        raise Misconfigured("Nothing is deleted without a copy: give --export DIR, or --no-export to keep none.")
    report = asyncio.run(_run(settings, keep, Export(directory), delete=yes))
    if json:
        print_json(report.model_dump_json(indent=2))
    else:
        _print(report)


async def _run(settings: Settings, keep: timedelta, export: Export, *, delete: bool) -> RetentionReport:
    async with open_retention(settings, keep) as retention:
        return await retention.run(export, delete=delete)


def _print(report: RetentionReport) -> None:
    if report.deleted or report.kept:
        table = Table("What", "Deleted" if not report.dry_run else "Would be deleted", "Why it stays", box=None)
        for what, count in report.deleted.items():
            table.add_row(*map(Text, (what, f"{count:,}", "")))
        for why, count in report.kept.items():
            table.add_row(*map(Text, ("incidents", f"{count:,} kept", why)))
        stdout_console().print(table)
    typer.echo(_summary(report), err=True)


def _summary(report: RetentionReport) -> str:
    if not report.rows:
        return f"Nothing to delete: whatever is over was heard of in the last {report.keep_days:g} days, or is kept."
    if report.dry_run:
        return f"{report.rows:,} rows would be deleted, nothing changed. With --yes they are."
    return f"{report.rows:,} rows deleted" + (f", exported to {report.export}." if report.export else ", not exported.")
