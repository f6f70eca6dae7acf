"""`tocsin roster plan`: what a file would change, and whose shifts would move, before any of it is done."""

from pathlib import Path
from typing import Annotated

import typer

from worker.cli.commands.import_roster import Now, ScheduleOption, WithOverrides, import_roster
from worker.cli.definition_import import ImportOptions, Standing, plan_over
from worker.cli.on_call_source import At, open_source, read_at
from worker.cli.output_options import Json
from worker.oncall.asking import clock_of_schedules


def plan_roster(
    file: Annotated[Path, typer.Argument(help="Whatever `tocsin roster import` takes.")],
    *,
    now: Now = False,
    with_overrides: WithOverrides = False,
    schedule: ScheduleOption = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do it, as `tocsin roster import` does.")] = False,
    standing: Annotated[
        Path | None,
        typer.Option("--file", help="Definitions that stand already: nothing but this is read, nor any setting."),
    ] = None,
    at: At = None,
    json: Json = False,
) -> None:
    """Exits with 1 where the file is refused; then all its faults are named, each with its line."""
    if standing is None and at is None:
        import_roster(file, now=now, with_overrides=with_overrides, schedule=schedule, yes=yes, json=json)
        return
    if yes:
        raise typer.BadParameter("is done now, and in the table", param_hint="--yes")
    source = open_source(standing)
    instant = read_at(at, clock_of_schedules(source.definitions.schedules.values()))
    options = ImportOptions(now, with_overrides, schedule, as_json=json)
    plan_over(Standing(source.definitions, source.roster, instant), file, options)
