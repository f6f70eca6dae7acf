"""`tocsin grouping explain`: what would be done with an alert, without a sandbox and without the cloud."""

import json as json_format
import sys
from typing import Annotated

import typer

from worker.alerts.format import Ignored
from worker.cli.consoles import stdout_console
from worker.cli.drawing.tried_alerts import print_explanation
from worker.cli.json_output import print_json
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
        print_json(json_format.dumps([each.model_dump(mode="json") for each in told], indent=2, ensure_ascii=False))
        return
    for each in found:
        if isinstance(each, Ignored):
            typer.echo(f"Nothing is done about it: {each.reason}")
        else:
            print_explanation(stdout_console(), each)
