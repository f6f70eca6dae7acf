"""`tocsin page`: call a person, a role, a schedule, or whoever is on call for another service."""

from collections.abc import Mapping, Sequence
from typing import Any

import typer

from worker.cli.incident_acts import Acting, IncidentActOptions, Words, incident_act_options, joined, run_act
from worker.cli.shared_options import with_options_of
from worker.domain.response.act import ActKind


@with_options_of(incident_act_options)
def page(options: IncidentActOptions, words: Words = None) -> None:
    """`page search`, `page person:ada`, `page role:scribe`, `page schedule:databases`; the words behind it say why."""

    def read(rest: Sequence[str]) -> Mapping[str, Any]:
        if not rest:
            raise typer.BadParameter("say whom: a service, person:NAME, role:NAME or schedule:NAME")
        target, *reason = rest
        return {"target": target, "text": joined(options.reason, reason)}

    run_act(Acting(ActKind.PAGE, read, needed=1, is_word=lambda word: ":" in word, names_others=True), words, options)
