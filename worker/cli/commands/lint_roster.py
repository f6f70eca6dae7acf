"""`tocsin roster lint`: what is wrong with the on-call table."""

import asyncio
import logging

import typer

from worker.cli.consoles import stdout_console
from worker.cli.drawing.doctor_report import print_findings
from worker.cli.json_output import print_json
from worker.cli.output_options import Json
from worker.cli.roster_access import read_roster
from worker.doctor.finding import Diagnosis
from worker.doctor.roster_lint import lint
from worker.observability.log import configure
from worker.settings import Settings


def lint_roster(
    *,
    json: Json = False,
) -> None:
    """Exits with 1 if somebody who should be called would not be."""
    settings = Settings.read()
    configure("console", level=logging.WARNING)
    diagnosis = Diagnosis(results=tuple(lint(asyncio.run(read_roster(settings)))))
    if json:
        print_json(diagnosis.model_dump_json(indent=2))
    else:
        _print(diagnosis)
    raise typer.Exit(0 if diagnosis.well else 1)


def _print(diagnosis: Diagnosis) -> None:
    print_findings(stdout_console(), diagnosis.results)
