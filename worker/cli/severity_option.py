"""A severity as a person types it on the command line."""

import typer

from worker.alerts.formats.native import read_severity
from worker.alerts.severities import Severities
from worker.domain.event import Severity

# How it can be written, for the help of an option.
WAYS = "critical, high, medium, low or information, or 1 to 5; or a word of TOCSIN_SEVERITIES"


def read_severity_option(text: str, severities: Severities) -> Severity:
    """`severities`: what words mean here; what means nothing is wrong use of the option."""
    try:
        return read_severity(text, severities)
    except ValueError as error:
        raise typer.BadParameter(f"{text!r} {error}", param_hint="--severity") from None
