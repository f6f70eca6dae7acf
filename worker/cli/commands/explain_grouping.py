"""`tocsin grouping explain`: what would be done with an alert, without a sandbox and without the cloud."""

import json as json_format
import sys
from typing import Annotated

import typer
from rich.text import Text

from worker.alerts.format import Ignored
from worker.cli.consoles import stdout_console
from worker.cli.drawing.hanging_indent import print_hanging
from worker.cli.output_options import Json
from worker.domain.grouping_rules import GroupingRules
from worker.domain.lenient_json import read_lenient
from worker.grouping.explanation import Explanation, explained
from worker.settings import Settings


def explain_grouping(
    *,
    format_name: Annotated[
        str | None, typer.Option("--format", help="As in /v1/alerts/{format}; found out where it is not given.")
    ] = None,
    json: Json = False,
) -> None:
    """Nothing is sent and nothing is asked: TOCSIN_GROUPING_RULES can be tried before a storm tries them."""
    settings = Settings.read()
    rules = GroupingRules(settings.grouping_rules, settings.grouping_window_seconds)
    found = explained(read_lenient(sys.stdin.buffer.read()), format_name, rules, settings.reading)
    told = [each for each in found if isinstance(each, Explanation)]
    if json:
        typer.echo(json_format.dumps([each.model_dump(mode="json") for each in told], indent=2, ensure_ascii=False))
        return
    for each in found:
        if isinstance(each, Ignored):
            typer.echo(f"Nothing is done about it: {each.reason}")
        else:
            _print(each)


def _with_reason(said: str, because: str) -> str:
    return f"{said} ({because})" if because else said


def _print(told: Explanation) -> None:
    console = stdout_console()
    console.print(Text(f"{told.type.value}: {told.title}", style="bold"))
    facts = {
        "format": told.format,
        "severity": f"{told.severity.value} ({told.severity.label})",
        "service": _with_reason(told.service or "none", told.service_because),
        "affected": told.affected,
        "fingerprint": told.fingerprint,
        "group": told.group or "",
        "so": told.because,
    }
    for name, value in facts.items():
        if value:
            print_hanging(console, Text(f"  {name:<12}", style="dim"), Text(value))
