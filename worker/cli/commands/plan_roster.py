"""`tocsin roster plan`: what a file would change, and whose shifts would move, before any of it is done."""

from pathlib import Path
from typing import Annotated

import typer

from worker.cli.commands.import_roster import Now, ScheduleOption, WithOverrides, import_roster
from worker.cli.output_options import Json


def plan_roster(
    file: Annotated[Path, typer.Argument(help="Whatever `tocsin roster import` takes.")],
    *,
    now: Now = False,
    with_overrides: WithOverrides = False,
    schedule: ScheduleOption = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do it, as `tocsin roster import` does.")] = False,
    json: Json = False,
) -> None:
    """Exits with 1 where the file is refused; then all its faults are named, each with its line."""
    import_roster(file, now=now, with_overrides=with_overrides, schedule=schedule, yes=yes, json=json)
