"""`tocsin roster swap`: two people take each other's time."""

from typing import Annotated

import typer

from worker.cli.acting import ActOptions, Place, ScheduleArgument, act, act_options
from worker.cli.asked_range import or_wrong_use
from worker.cli.on_call_source import say
from worker.cli.shared_options import with_options_of
from worker.oncall.acts.act import Act
from worker.oncall.acts.swapping import Given, shift_at, swap
from worker.oncall.acts.times import read_span
from worker.oncall.schedule.schedule import Schedule

_SPAN = "FROM/TO, or one time: the shift that the person has then."


@with_options_of(act_options)
def swap_shifts(  # noqa: PLR0917 (as they are typed)
    options: ActOptions,
    schedule: ScheduleArgument,
    person: Annotated[str, typer.Argument(metavar="PERSON", help="A key of people, or an address.")],
    span: Annotated[str, typer.Argument(metavar="WHEN", help=_SPAN)],
    other: Annotated[str, typer.Argument(metavar="OTHER", help="With whom.")],
    other_span: Annotated[str, typer.Argument(metavar="WHEN", help="The same, of the other.")],
) -> None:
    """Refused where either is not on call in the time that they give away. Both halves are undone together."""

    def find(place: Place) -> Act:
        its = place.schedule(schedule)
        mine = _given(place, its, place.person(person, "PERSON"), span)
        theirs = _given(place, its, place.person(other, "OTHER"), other_span)
        return swap(place.definitions, its, mine, theirs, reason=options.reason, name=place.name)

    act("swap", options, find)


def _given(place: Place, schedule: Schedule, person: str, span: str) -> Given:
    start, end = or_wrong_use("WHEN", lambda: read_span(span, schedule.clock, place.now))
    say(*start.taken, *(end.taken if end else ()))
    if end is None:
        return shift_at(schedule, person, start.minute, place.name)
    return Given(person, start.minute, end.minute)
