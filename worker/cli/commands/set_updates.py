"""`tocsin updates every 20m`: how often updates are promised from now on."""

from collections.abc import Mapping, Sequence
from typing import Any

import typer

from worker.cli.incident_acts import Acting, IncidentActOptions, Words, incident_act_options, run_act
from worker.cli.shared_options import with_options_of
from worker.cli.update_interval import NEVER, read_interval
from worker.domain.response.act import ActKind

_EVERY = "every"


@with_options_of(incident_act_options)
def set_updates(options: IncidentActOptions, words: Words = None) -> None:
    def read(rest: Sequence[str]) -> Mapping[str, Any]:
        match [word.lower() for word in rest]:
            case ["every", *interval] | interval if interval:
                return {"every_minutes": read_interval(" ".join(interval)), "text": options.reason}
            case _:
                raise typer.BadParameter("say how often: `tocsin updates every 20m`, or `tocsin updates never`")

    acting = Acting(ActKind.UPDATE, read, needed=1, is_word=lambda word: word.lower() in {_EVERY, NEVER})
    run_act(acting, words, options)
