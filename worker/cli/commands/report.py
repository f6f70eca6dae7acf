"""`tocsin report`: what incidents were like, over a time: counts, medians, and each one by itself."""

import asyncio
import csv
import logging
import sys
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated

import typer

from worker.app.connections import worker_name
from worker.app.figures import open_figures, read_report
from worker.cli.consoles import stdout_console
from worker.cli.drawing.incident_figures import print_report
from worker.cli.json_output import print_json
from worker.cli.moments import WAYS, read_moment_option
from worker.cli.severity_option import WAYS as SEVERITIES
from worker.cli.severity_option import read_severity_option
from worker.domain.text import clean_line
from worker.incidents.figures.report import IncidentReport, flat
from worker.incidents.filter import IncidentFilter
from worker.observability.log import configure
from worker.settings import Settings

# What a spreadsheet takes for a formula where a cell begins so.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


class Form(StrEnum):
    """For people, for programs, for a spreadsheet with a row for each incident."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"


def report(
    *,
    since: Annotated[str, typer.Option(help=f"Received then or later: {WAYS}.")] = "30d",
    until: Annotated[str | None, typer.Option(help="Received then or earlier.")] = None,
    service: Annotated[list[str] | None, typer.Option(help="Such as checkout.")] = None,
    severity: Annotated[list[str] | None, typer.Option(help=f"As it was received: {SEVERITIES}.")] = None,
    form: Annotated[Form, typer.Option("--format", help="For people, for programs, for a spreadsheet.")] = Form.TABLE,
) -> None:
    """Declined and merged incidents and those with the label test=true are left out, and their number is said."""
    settings = Settings.read()
    wanted = IncidentFilter(
        services=frozenset(map(str.casefold, service or ())),
        severities=frozenset(read_severity_option(text, settings.severities) for text in severity or ()),
        since=read_moment_option(since, "--since"),
        until=read_moment_option(until, "--until"),
    )
    configure("console", level=logging.ERROR)
    found = asyncio.run(_read(settings, wanted))
    match form:
        case Form.JSON:
            print_json(found.model_dump_json(indent=2))
        case Form.CSV:
            _write_rows(found)
        case Form.TABLE:
            print_report(stdout_console(), found)


async def _read(settings: Settings, wanted: IncidentFilter) -> IncidentReport:
    async with open_figures(settings, owner=worker_name()) as reader:
        return await read_report(reader, wanted, wanted.until or datetime.now(UTC))


def _write_rows(found: IncidentReport) -> None:
    rows = [{name: _cell(value) for name, value in row.items()} for row in flat(found)]
    writer = csv.DictWriter(sys.stdout, list(rows[0]) if rows else ["incident_id"], lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)


def _cell(value: object) -> object:
    """Words of senders are no formulas."""
    if not isinstance(value, str):
        return "" if value is None else value
    line = clean_line(value)
    return f"'{line}" if line.startswith(_FORMULA) else line
