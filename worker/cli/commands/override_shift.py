"""`tocsin roster override`: somebody has a time of a schedule, in the place of others or beside them."""

from typing import Annotated

import typer

from worker.cli.acting import ActOptions, Me, Place, ScheduleArgument, act, act_options, time_of
from worker.cli.moments import read_length_or_none
from worker.cli.shared_options import with_options_of
from worker.oncall.acts.act import Act
from worker.oncall.acts.covering import Cover, cover
from worker.oncall.acts.times import WAYS, read_time


@with_options_of(act_options)
def override_shift(
    options: ActOptions,
    schedule: ScheduleArgument,
    *,
    person: Me,
    start: Annotated[str, typer.Option("--from", metavar="TIME", help=f"By the schedule's clock: {WAYS}.")] = "now",
    end: Annotated[str, typer.Option("--to", metavar="TIME", help="The same, or a length such as 2h or 3d.")],
    replaces: Annotated[
        str | None, typer.Option("--replaces", metavar="PERSON", help="Stand in for this person alone.")
    ] = None,
    add: Annotated[bool, typer.Option("--add", help="Be on call beside the others.")] = False,
) -> None:
    """Without --replaces and --add the person alone is on call then. What is made last counts. An override without
    effect is refused.
    """
    if replaces is not None and add:
        raise typer.BadParameter("either of them stands alone", param_hint="--replaces / --add")

    def find(place: Place) -> Act:
        its = place.schedule(schedule)
        begins = time_of("--from", lambda: read_time(start, its.clock, place.now, place.now))
        length = read_length_or_none(end)
        ends = (
            begins + length
            if length is not None
            else time_of("--to", lambda: read_time(end, its.clock, place.now, begins + 1))
        )
        replaced = place.person(replaces, "--replaces") if replaces is not None else ""
        asked = Cover(place.person(person, "--person"), begins, ends, replaced, beside=add, reason=options.reason)
        return cover(place.definitions, its, asked, place.now, place.name)

    act("override", options, find)
