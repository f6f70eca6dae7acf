"""`tocsin note`: write down what was seen, decided or is to be done."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import typer

from worker.cli.incident_acts import Acting, IncidentActOptions, Words, incident_act_options, joined, run_act
from worker.cli.shared_options import with_options_of
from worker.domain.response.act import ActKind


@with_options_of(incident_act_options)
def note(
    options: IncidentActOptions,
    words: Words = None,
    *,
    action: Annotated[
        bool, typer.Option("--action", help="It is something to be done, after the incident too.")
    ] = False,
) -> None:
    def read(rest: Sequence[str]) -> Mapping[str, Any]:
        return {"text": joined(options.reason, rest), "is_action": action}

    run_act(Acting(ActKind.NOTE, read, needed=1), words, options)
