"""`tocsin doctor`: whether a launch would succeed, and what stands in its way."""

import asyncio
import logging

import typer
from rich.console import Console

from worker.cli.consoles import stdout_console
from worker.cli.drawing.doctor_report import print_diagnosis
from worker.cli.json_output import print_json
from worker.cli.output_options import Json
from worker.doctor.diagnosis import diagnose
from worker.doctor.finding import Diagnosis
from worker.observability.log import configure
from worker.settings import Settings


def doctor(
    *,
    json: Json = False,
) -> None:
    """Nothing is changed anywhere. Exits with 1 if a launch would not succeed."""
    settings = Settings.read()
    # What is wrong is told as a result, not as a log.
    configure("console", level=logging.CRITICAL)
    with Console(stderr=True).status("Asking every system what it would let us do"):
        diagnosis = asyncio.run(diagnose(settings))
    if json:
        print_json(diagnosis.model_dump_json(indent=2))
    else:
        _print(diagnosis)
    raise typer.Exit(0 if diagnosis.well else 1)


def _print(diagnosis: Diagnosis) -> None:
    print_diagnosis(stdout_console(), diagnosis)
