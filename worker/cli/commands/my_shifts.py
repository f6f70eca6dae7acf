"""`tocsin roster mine`: the shifts of one person in all schedules, and when they are away next."""

import json as json_format
from typing import Annotated

import typer

from worker.cli.asked_range import Days, or_wrong_use, read_range
from worker.cli.drawing.absence_words import absence_words
from worker.cli.json_output import print_json
from worker.cli.on_call_source import At, File, open_source, say
from worker.cli.output_options import Json
from worker.cli.shift_listing import find_shifts, print_shifts
from worker.domain.text import clean_line
from worker.oncall.asking import absence_after, clock_of_schedules, person_asked
from worker.oncall.written_shifts import absence_document, shifts_document
from worker.settings import ME


def my_shifts(
    person: Annotated[
        str, typer.Argument(envvar=ME, show_envvar=True, help="A key of the definitions, or an address.")
    ],
    *,
    days: Days = 28,
    at: At = None,
    file: File = None,
    json: Json = False,
) -> None:
    """Set TOCSIN_ME to who you are, and it need not be said."""
    source = open_source(file)
    asked = read_range(source, None, at, days)
    who = or_wrong_use("PERSON", lambda: person_asked(source.definitions, person))
    found = find_shifts(asked, who)
    absence = absence_after(source.definitions, who, asked.start)
    if json:
        shifts = shifts_document(found, asked.start, asked.end, source.people)
        document = {"person": who, **shifts, "absence": absence_document(absence)}
        print_json(json_format.dumps(document, indent=2, ensure_ascii=False))
        return
    if found:
        print_shifts(found, asked, source.people)
    else:
        say(f"{clean_line(source.people.name(who))} has no shift in {days} days.")
    if absence:
        typer.echo(absence_words(absence, clock_of_schedules(asked.schedules), asked.start))
