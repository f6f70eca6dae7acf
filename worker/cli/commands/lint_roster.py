"""`tocsin roster lint`: what is wrong with the on-call table, and with schedules, services and policies."""

import asyncio
import logging
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from worker.cli.consoles import stdout_console
from worker.cli.drawing.doctor_report import print_findings
from worker.cli.json_output import print_json
from worker.cli.moments import WAYS, read_moment_option
from worker.cli.output_options import Json
from worker.doctor.finding import Diagnosis
from worker.doctor.on_call_tables import read_on_call_tables
from worker.doctor.schedule_lint import lint_schedules
from worker.observability.log import configure
from worker.oncall.files.definition_file import read_definition_file
from worker.oncall.findings.survey import Survey
from worker.oncall.schedule.wall_clock import minute_of
from worker.settings import Settings

_MOST_DAYS = 366


def lint_roster(
    *,
    at: Annotated[str | None, typer.Option("--at", metavar="TIME", help=f"As of then: {WAYS}.")] = None,
    days: Annotated[int, typer.Option("--days", min=1, max=_MOST_DAYS, help="How far ahead to look.")] = 30,
    file: Annotated[
        Path | None, typer.Option("--file", help="A file of schedules, before it is imported; nothing else is read.")
    ] = None,
    json: Json = False,
) -> None:
    """Exits with 1 if somebody who should be called would not be."""
    start = minute_of(read_moment_option(at, "--at") or datetime.now(UTC))
    configure("console", level=logging.WARNING)
    if file is not None:
        results = lint_schedules(Survey(read_definition_file(file).definitions, start, days))
    else:
        tables = asyncio.run(read_on_call_tables(Settings.read(), start, days))
        results = tables.results(lint_schedules)
    diagnosis = Diagnosis(results=tuple(results))
    if json:
        print_json(diagnosis.model_dump_json(indent=2))
    else:
        _print(diagnosis)
    raise typer.Exit(0 if diagnosis.well else 1)


def _print(diagnosis: Diagnosis) -> None:
    print_findings(stdout_console(), diagnosis.results)
