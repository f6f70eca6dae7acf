"""`tocsin merge`: this incident is the same as another one, in which it is gone on with."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import typer

from worker.cli.incident_acts import Acting, IncidentActOptions, Words, incident_act_options, joined, run_act
from worker.cli.shared_options import with_options_of
from worker.domain.response.act import ActKind


@with_options_of(incident_act_options)
def merge(
    options: IncidentActOptions,
    words: Words = None,
    *,
    into: Annotated[str, typer.Option("--into", metavar="ID", help="The other one, if not the second word.")] = "",
) -> None:
    """`merge inc-4h7k inc-9m2x` goes on in the second one."""

    def read(rest: Sequence[str]) -> Mapping[str, Any]:
        other, *reason = (into, *rest) if into else rest or ("",)
        if not other:
            raise typer.BadParameter("say into which one: `tocsin merge inc-4h7k inc-9m2x`")
        return {"into": other, "text": joined(options.reason, reason)}

    run_act(Acting(ActKind.MERGE, read, needed=0 if into else 1, names_others=True), words, options)
