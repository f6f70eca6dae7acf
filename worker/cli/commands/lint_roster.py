"""`tocsin roster lint`: what is wrong with the on-call table."""

# ruff: noqa: PLC0415 (what a command needs is imported when it runs, so that --help is quick)

import asyncio
import logging
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from worker.doctor.finding import Diagnosis


def lint_roster(
    *,
    json: Annotated[bool, typer.Option("--json", help="For programs; fields may be added, none is renamed.")] = False,
) -> None:
    """Find rows that cannot be read, people named twice, and services that nobody answers for.

    Exits with 1 if somebody who should be called would not be.
    """
    from worker.cli.roster_access import read_roster
    from worker.doctor.finding import Diagnosis
    from worker.doctor.roster_lint import lint
    from worker.observability.log import configure
    from worker.settings import Settings

    settings = Settings.read()
    configure("console", level=logging.WARNING)
    diagnosis = Diagnosis(results=tuple(lint(asyncio.run(read_roster(settings)))))
    if json:
        typer.echo(diagnosis.model_dump_json(indent=2))
    else:
        _print(diagnosis)
    raise typer.Exit(0 if diagnosis.well else 1)


def _print(diagnosis: "Diagnosis") -> None:
    from worker.cli.drawing.doctor_report import print_findings
    from worker.cli.watching import stdout_console

    print_findings(stdout_console(), diagnosis.results)
