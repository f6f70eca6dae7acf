"""`tocsin dead-letters replay`: send dead letters anew."""

# ruff: noqa: PLC0415 (what a command needs is imported when it runs, so that --help is quick)

import asyncio
from typing import TYPE_CHECKING, Annotated

import typer

from worker.cli.dead_letter_options import (
    Incident,
    Json,
    Limit,
    Rate,
    Reason,
    Seq,
    Since,
    Step,
    Until,
    Yes,
    read_filter,
)

if TYPE_CHECKING:
    from worker.cli.bulk_run import BulkOptions
    from worker.dead_letters.editing import Edit

_SET = "Change a value of the event first, such as severity=1 or labels.region=eu; null takes it out."
_FORCE = "Also what is launched already or is no event."


def replay_dead_letters(
    *,
    seq: Seq = None,
    incident: Incident = None,
    reason: Reason = None,
    step: Step = None,
    since: Since = None,
    until: Until = None,
    limit: Limit = None,
    edits: Annotated[list[str] | None, typer.Option("--set", metavar="PATH=VALUE", help=_SET)] = None,
    rate: Rate = None,
    force: Annotated[bool, typer.Option("--force", help=_FORCE)] = False,
    yes: Yes = False,
    json: Json = False,
) -> None:
    """Send dead letters anew, the oldest first: each launch goes on where it failed, and nothing is done twice.

    Each is sent and acknowledged before it is taken out, so a run can be broken off at any moment and repeated.
    """
    from worker.cli.bulk_run import BulkOptions

    wanted = read_filter(seq=seq, incident=incident, reason=reason, step=step, since=since, until=until)
    options = BulkOptions(wanted, limit, rate, yes, json)
    asyncio.run(_replay(options, [_edit(text) for text in edits or ()], force=force))


async def _replay(options: "BulkOptions", edits: "list[Edit]", *, force: bool) -> None:
    from worker.cli.bulk_run import open_operator_context, perform
    from worker.dead_letters.replay import Replay
    from worker.domain.audit import operator

    async with open_operator_context() as context:
        await perform(
            context, Replay(context.sender, context.stores, who=operator(), edits=edits, force=force), options
        )


def _edit(text: str) -> "Edit":
    from worker.dead_letters.editing import read_edit

    try:
        return read_edit(text)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--set") from None
