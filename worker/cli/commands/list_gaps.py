"""`tocsin roster gaps`: when nobody is on call, why, and the command that closes the gap."""

import json as json_format

import typer

from worker.cli.asked_range import Days, ScheduleName, read_range
from worker.cli.drawing.gap_lines import gap_lines
from worker.cli.json_output import print_json
from worker.cli.on_call_source import At, File, open_source, say
from worker.cli.output_options import Json
from worker.oncall.gaps import gaps_of
from worker.oncall.written_shifts import gaps_document


def list_gaps(
    schedule: ScheduleName = None,
    *,
    days: Days = 30,
    at: At = None,
    file: File = None,
    json: Json = False,
) -> None:
    """Exits with 1 if there is one. Whoever answers by default, or by another schedule, closes none."""
    source = open_source(file)
    asked = read_range(source, schedule, at, days)
    found = [gap for each in asked.schedules for gap in gaps_of(each, asked.start, asked.end, source.people.name)]
    if json:
        print_json(json_format.dumps(gaps_document(found, asked.start, asked.end), indent=2, ensure_ascii=False))
    else:
        for line in gap_lines(found, asked.start):
            typer.echo(line)
    if not found:
        say(f"No gap in {days} days." if asked.schedules else "There is no schedule yet.")
    raise typer.Exit(1 if found else 0)
