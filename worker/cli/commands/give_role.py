"""`tocsin role`: take a role, give it to somebody, or answer the offer of one."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import typer

from worker.cli.incident_acts import Acting, IncidentActOptions, Words, incident_act_options, run_act
from worker.cli.shared_options import with_options_of
from worker.domain.response.act import ActKind, RoleAnswer
from worker.domain.response.roles import is_role, known_roles, role_named


@with_options_of(incident_act_options)
def give_role(
    options: IncidentActOptions,
    words: Words = None,
    *,
    accept: Annotated[bool, typer.Option("--accept", help="Accept what was offered to you.")] = False,
    decline: Annotated[bool, typer.Option("--decline", help="Decline what was offered, or given, to you.")] = False,
    topic: Annotated[str, typer.Option(help="What an expert is asked for.")] = "",
) -> None:
    """`role commander ivy` gives it to Ivy, `role commander` takes it; command changes hands once it is accepted."""
    if accept and decline:
        raise typer.BadParameter("either of them stands alone", param_hint="--accept / --decline")
    answer = RoleAnswer.ACCEPT if accept else RoleAnswer.DECLINE if decline else None

    def read(rest: Sequence[str]) -> Mapping[str, Any]:
        if not rest:
            raise typer.BadParameter(f"say which role: {', '.join(known_roles())}")
        role, *person = rest
        return {
            "role": role_named(role.casefold()).key,
            "person": " ".join(person),
            "answer": answer,
            "topic": topic,
            "text": options.reason,
        }

    run_act(Acting(ActKind.ROLE, read, needed=1, is_word=is_role, names_others=True), words, options)
