"""`tocsin roster who`: whom a launch would call for a service, why, until when, and who comes next."""

import json as json_format
from collections.abc import Sequence
from itertools import chain
from typing import Annotated

import typer

from worker.cli.drawing.on_call_answer import Answer
from worker.cli.drawing.shift_times import ShiftTimes
from worker.cli.json_output import print_json
from worker.cli.on_call_source import At, File, OnCallSource, open_source, read_at, say
from worker.cli.output_options import Json
from worker.domain.text import clean_line
from worker.oncall.asking import services_known
from worker.oncall.rows import DEFAULT_SERVICE
from worker.oncall.written_answer import answer_of


def who_is_on_call(
    service: Annotated[
        str | None, typer.Argument(help="The service an incident would name; all that are known without it.")
    ] = None,
    *,
    at: At = None,
    file: File = None,
    json: Json = False,
) -> None:
    """A service that nobody is on call for has the people of `default`, and that is said. Where several are listed,
    the exit code is 1 if one of them has nobody.
    """
    source = open_source(file)
    known = services_known(source.definitions, source.roster) or [DEFAULT_SERVICE]
    services = known if service is None else [clean_line(service)]
    answers = [_ask(source, each, at) for each in services]
    if json:
        _print_json(answers, alone=service is not None)
    elif service is None and len(answers) > 1:
        _print_table(answers)
    else:
        for line in chain.from_iterable(answer.lines() for answer in answers):
            typer.echo(line)
    say(*dict.fromkeys(answer.on_call.note for answer in answers if answer.on_call.note))
    raise typer.Exit(0 if all(answer.on_call.people for answer in answers) else 1)


def _ask(source: OnCallSource, service: str, at: str | None) -> Answer:
    clock = source.clock(service)
    instant = read_at(at, clock)
    clocks = {schedule.name: schedule.clock for schedule in source.definitions.schedules.values()}
    answered, following = source.answer(service, instant), source.following(service, instant)
    return Answer(service, ShiftTimes(clock, instant), answered, following, clocks)


def _print_json(answers: Sequence[Answer], *, alone: bool) -> None:
    """Of one service its answer, and so of all where that is but one."""
    written = [answer_of(each.on_call, each.following, each.times.now).model_dump(by_alias=True) for each in answers]
    shown = written[0] if alone or len(written) == 1 else {"services": written}
    print_json(json_format.dumps(shown, indent=2, ensure_ascii=False))


def _print_table(answers: Sequence[Answer]) -> None:
    # A single answer needs none of what draws a table.
    from worker.cli.consoles import stdout_console  # noqa: PLC0415
    from worker.cli.drawing.on_call_table import on_call_table  # noqa: PLC0415

    stdout_console().print(on_call_table(answers))
