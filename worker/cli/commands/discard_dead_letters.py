"""`tocsin dead-letters discard`: take dead letters out for good."""

# ruff: noqa: PLC0415 (what a command needs is imported when it runs, so that --help is quick)

import asyncio
import sys
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


def discard_dead_letters(
    *,
    seq: Seq = None,
    incident: Incident = None,
    reason: Reason = None,
    step: Step = None,
    since: Since = None,
    until: Until = None,
    limit: Limit = None,
    because: Annotated[str, typer.Option("--because", help="Why, for the record; asked for with --yes.")] = "",
    rate: Rate = None,
    yes: Yes = False,
    json: Json = False,
) -> None:
    """Take dead letters out for good, with a record of who, when, why and what the message was."""
    from worker.cli.bulk_run import BulkOptions

    wanted = read_filter(seq=seq, incident=incident, reason=reason, step=step, since=since, until=until)
    why = _reason(because) if yes else because
    asyncio.run(_discard(BulkOptions(wanted, limit, rate, yes, json), why))


async def _discard(options: "BulkOptions", because: str) -> None:
    from worker.cli.bulk_run import open_operator_context, perform
    from worker.dead_letters.discard import Discard
    from worker.domain.audit import operator

    async with open_operator_context() as context:
        await perform(context, Discard(context.store, context.alert_store, who=operator(), because=because), options)


def _reason(given: str) -> str:
    if not given.strip() and sys.stdin.isatty():
        given = typer.prompt("Why are they discarded?", err=True)
    if not given.strip():
        raise typer.BadParameter("say why, for the record", param_hint="--because")
    return given.strip()
