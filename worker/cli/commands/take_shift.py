"""`tocsin roster take`: somebody has it from now on."""

from typing import Annotated

import typer

from worker.cli.acting import ActOptions, Me, Place, act, act_options
from worker.cli.asked_range import or_wrong_use
from worker.cli.moments import read_minutes
from worker.cli.shared_options import with_options_of
from worker.domain.text import clean_line
from worker.oncall.acts.act import Act
from worker.oncall.acts.covering import Cover, cover, end_of_turn
from worker.oncall.asking import schedules_asked


@with_options_of(act_options)
def take_shift(
    options: ActOptions,
    service: Annotated[str, typer.Argument(metavar="SERVICE", help="A service, or one of its schedules.")],
    length: Annotated[
        str | None, typer.Argument(metavar="LENGTH", help="Such as 2h; else until others would have been on call.")
    ] = None,
    *,
    person: Me,
) -> None:
    """The person alone is on call by the first schedule of the service that names somebody now, else by its first."""
    minutes = read_minutes(length) if length is not None else None

    def find(place: Place) -> Act:
        schedules = or_wrong_use("SERVICE", lambda: schedules_asked(place.definitions, clean_line(service)))
        naming = [schedule for schedule in schedules if schedule.at(place.now).places]
        its = (naming or schedules)[0]
        end = end_of_turn(its, place.now) if minutes is None else place.now + minutes
        asked = Cover(place.person(person, "--person"), place.now, end, reason=options.reason)
        return cover(place.definitions, its, asked, place.now, place.name)

    act("take", options, find)
