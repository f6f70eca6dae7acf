"""`tocsin update`: say how things stand, and when the next update comes."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import typer

from worker.cli.incident_acts import Acting, IncidentActOptions, Words, incident_act_options, joined, run_act
from worker.cli.moments import read_minutes
from worker.cli.shared_options import with_options_of
from worker.cli.update_interval import EVERY, read_interval
from worker.domain.response.act import ActKind, Audience, Phase


@with_options_of(incident_act_options)
def update(
    options: IncidentActOptions,
    words: Words = None,
    *,
    following: Annotated[
        str | None, typer.Option("--next", metavar="DURATION", help="When the next one comes: 20m or 2h from now.")
    ] = None,
    phase: Annotated[Phase | None, typer.Option(help="Where the work is.")] = None,
    every: Annotated[str | None, typer.Option(metavar="DURATION", help=EVERY)] = None,
    audience: Annotated[Audience | None, typer.Option(help="Who is to read it; internal without it.")] = None,
    nothing_new: Annotated[bool, typer.Option("--nothing-new", help="All stands as it was told last.")] = False,
) -> None:
    given = {
        "phase": phase,
        "next_in_minutes": read_minutes(following) if following is not None else None,
        "every_minutes": read_interval(every) if every is not None else None,
        "nothing_new": nothing_new,
        **({"audience": audience} if audience is not None else {}),
    }

    def read(rest: Sequence[str]) -> Mapping[str, Any]:
        return {**given, "text": joined(options.reason, rest)}

    run_act(Acting(ActKind.UPDATE, read, needed=0 if nothing_new or every else 1), words, options)
