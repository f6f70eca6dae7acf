"""`tocsin roster away`: somebody is away; which shifts fall out, and which gaps that opens."""

from typing import Annotated

import typer

from worker.cli.acting import ActOptions, Place, act, act_options, time_of
from worker.cli.moments import read_length_or_none
from worker.cli.shared_options import with_options_of
from worker.oncall.acts.act import Act
from worker.oncall.acts.leaving import clock_of_absence, leave
from worker.oncall.acts.times import WAYS, read_time
from worker.oncall.schedule.absences import Absence
from worker.oncall.schedule.wall_clock import NEVER, Minute, ZoneClock
from worker.settings import ME


@with_options_of(act_options)
def be_away(
    options: ActOptions,
    person: Annotated[str, typer.Argument(envvar=ME, show_envvar=True, help="A key of people, or an address.")],
    *,
    start: Annotated[str, typer.Option("--from", metavar="TIME", help=f"By the person's clock: {WAYS}.")] = "now",
    end: Annotated[
        str | None, typer.Option("--to", metavar="TIME", help="The same, or a length such as 3d; for good without it.")
    ] = None,
) -> None:
    """In all schedules. Nobody's turn moves: what nobody takes over is a gap, told with the command that closes it."""

    def find(place: Place) -> Act:
        who = place.person(person, "PERSON")
        clock = clock_of_absence(place.definitions, who)
        begins = time_of("--from", lambda: read_time(start, clock, place.now, place.now))
        absence = Absence(who, begins, _end(place, clock, begins, end), options.reason)
        return leave(place.definitions, absence, place.now, place.name)

    act("away", options, find)


def _end(place: Place, clock: ZoneClock, begins: Minute, end: str | None) -> Minute:
    if end is None:
        return NEVER
    length = read_length_or_none(end)
    if length is not None:
        return begins + length
    return time_of("--to", lambda: read_time(end, clock, place.now, begins + 1))
