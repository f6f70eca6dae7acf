"""`tocsin roster shifts`: who is on call from when to when, in the days to come."""

import json as json_format
from typing import Annotated

import typer

from worker.cli.asked_range import Days, ScheduleName, or_wrong_use, read_range
from worker.cli.json_output import print_json
from worker.cli.on_call_source import At, File, open_source, say
from worker.cli.output_options import Json
from worker.cli.shift_listing import find_shifts, print_shifts
from worker.oncall.asking import person_asked
from worker.oncall.written_shifts import shifts_document


def list_shifts(
    schedule: ScheduleName = None,
    *,
    days: Days = 14,
    person: Annotated[str | None, typer.Option(help="Of them alone: a key or an address.")] = None,
    at: At = None,
    file: File = None,
    json: Json = False,
) -> None:
    """Each shift has the ends that it has, be they before or beyond these days; overrides and absences count."""
    source = open_source(file)
    asked = read_range(source, schedule, at, days)
    only = or_wrong_use("--person", lambda: person_asked(source.definitions, person)) if person is not None else None
    found = find_shifts(asked, only)
    if json:
        document = shifts_document(found, asked.start, asked.end, source.people)
        print_json(json_format.dumps(document, indent=2, ensure_ascii=False))
    elif found:
        print_shifts(found, asked, source.people)
    else:
        say("No shift lies in these days." if asked.schedules else "There is no schedule yet.")
