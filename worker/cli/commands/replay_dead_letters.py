"""`tocsin dead-letters replay`: send dead letters anew."""

import asyncio
from typing import Annotated

import typer

from worker.alerts.severities import Severities
from worker.cli.bulk_run import BulkOptions, perform
from worker.cli.dead_letter_options import read_bulk_options
from worker.cli.operator_context import open_operator_context
from worker.cli.shared_options import with_options_of
from worker.dead_letters.editing import Edit, read_edit
from worker.dead_letters.replay import Replay
from worker.domain.audit import operator
from worker.settings import Settings

_SET = "Change a value of the event first, such as severity=critical or labels.region=eu; null takes it out."
_FORCE = "Also what is launched already or is no event."


@with_options_of(read_bulk_options)
def replay_dead_letters(
    options: BulkOptions,
    *,
    edits: Annotated[list[str] | None, typer.Option("--set", metavar="PATH=VALUE", help=_SET)] = None,
    force: Annotated[bool, typer.Option("--force", help=_FORCE)] = False,
) -> None:
    """Each is sent and acknowledged before it is taken out, so a run can be broken off at any moment and repeated."""
    severities = Settings.read().severities
    asyncio.run(_replay(options, [_edit(text, severities) for text in edits or ()], force=force))


async def _replay(options: BulkOptions, edits: list[Edit], *, force: bool) -> None:
    async with open_operator_context() as context:
        await perform(
            context, Replay(context.sender, context.stores, who=operator(), edits=edits, force=force), options
        )


def _edit(text: str, severities: Severities) -> Edit:
    try:
        return read_edit(text, severities)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--set") from None
