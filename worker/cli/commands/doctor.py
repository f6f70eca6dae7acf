"""`tocsin doctor`: whether a launch would succeed, and what stands in its way."""

# ruff: noqa: PLC0415 (what a command needs is imported when it runs, so that --help is quick)

import asyncio
import logging
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from worker.doctor.finding import Diagnosis


def doctor(
    *,
    json: Annotated[bool, typer.Option("--json", help="For programs; fields may be added, none is renamed.")] = False,
) -> None:
    """Check settings, queue, tables, people on call, boards and teams, and say what remedies each fault.

    Nothing is changed anywhere. Exits with 1 if a launch would not succeed.
    """
    from rich.console import Console

    from worker.doctor.diagnosis import diagnose
    from worker.observability.log import configure
    from worker.settings import Settings

    settings = Settings.read()
    # What is wrong is told as a result, not as a log.
    configure("console", level=logging.CRITICAL)
    with Console(stderr=True).status("Asking every system what it would let us do"):
        diagnosis = asyncio.run(diagnose(settings))
    if json:
        typer.echo(diagnosis.model_dump_json(indent=2))
    else:
        _print(diagnosis)
    raise typer.Exit(0 if diagnosis.well else 1)


def _print(diagnosis: "Diagnosis") -> None:
    from worker.cli.drawing.doctor_report import print_diagnosis
    from worker.cli.watching import stdout_console

    print_diagnosis(stdout_console(), diagnosis)
