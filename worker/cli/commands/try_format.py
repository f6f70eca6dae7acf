"""`tocsin formats try`: what payloads become, before the first of them is sent."""

import sys
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from worker.alerts.house_format import HouseFormat
from worker.alerts.mapping.map_files import BadMaps, read_formats
from worker.cli.consoles import stdout_console
from worker.cli.drawing.tried_alerts import print_trial
from worker.cli.json_output import print_json
from worker.cli.output_options import Json
from worker.domain.errors import Misconfigured, Rejected, Undecodable
from worker.domain.grouping_rules import GroupingRules
from worker.domain.lenient_json import read_lenient
from worker.grouping.trial import tried
from worker.settings import Settings

_STANDARD_INPUT = "standard input"


def try_format(
    *,
    payloads: Annotated[
        list[Path] | None,
        typer.Argument(metavar="[FILE]...", help="In the order in which they are sent; else standard input."),
    ] = None,
    map_path: Annotated[
        Path | None,
        typer.Option("--map", help="A file of maps, or a directory; else the formats that are built in or set."),
    ] = None,
    format_name: Annotated[
        str | None, typer.Option("--format", help="As in /v1/alerts/{format}; found out where it is not given.")
    ] = None,
    json: Json = False,
) -> None:
    """The exit code is 1 where a payload is refused, with a sentence that names the field."""
    settings = Settings.read()
    house = _read_maps(map_path) if map_path else settings.formats
    # Who tries one map means that one, by whatever mark it may be known.
    only = house[0].format.name if map_path and len(house) == 1 else None
    rules = GroupingRules(settings.grouping_rules, settings.grouping_window_seconds)
    reading = replace(settings.reading, house=house)
    trial = tried([_read_payload(path) for path in payloads or (None,)], format_name or only, rules, reading)
    if json:
        print_json(trial.model_dump_json(indent=2))
    else:
        print_trial(stdout_console(), trial)


def _read_maps(path: Path) -> tuple[HouseFormat, ...]:
    try:
        return read_formats(path)
    except BadMaps as error:
        raise Misconfigured(f"{error}.") from None


def _read_payload(path: Path | None) -> tuple[str, object]:
    name = path.name if path else _STANDARD_INPUT
    try:
        return name, read_lenient(path.read_bytes() if path else sys.stdin.buffer.read())
    except OSError as error:
        raise Rejected(f"{path} cannot be read: {error.strerror}.") from None
    except Undecodable as error:
        raise Undecodable(f"{name}: {error}") from None
