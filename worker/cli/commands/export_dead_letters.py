"""`tocsin dead-letters export`: dead letters whole, for other programs."""

# ruff: noqa: PLC0415 (what a command needs is imported when it runs, so that --help is quick)

import asyncio
from typing import TYPE_CHECKING

import typer

from worker.cli.dead_letter_options import Incident, Limit, Reason, Seq, Since, Step, Until, read_filter

if TYPE_CHECKING:
    from worker.dead_letters.filter import Filter


def export_dead_letters(
    *,
    seq: Seq = None,
    incident: Incident = None,
    reason: Reason = None,
    step: Step = None,
    since: Since = None,
    until: Until = None,
    limit: Limit = None,
) -> None:
    """Write each dead letter with its headers, properties and body as a line of JSON; none is changed."""
    asyncio.run(
        _export(read_filter(seq=seq, incident=incident, reason=reason, step=step, since=since, until=until), limit)
    )


async def _export(wanted: "Filter", limit: int | None) -> None:
    from worker.cli.bulk_run import open_operator_context
    from worker.dead_letters.details import exported
    from worker.dead_letters.filter import matching

    count = 0
    async with open_operator_context() as context:
        async for message, _ in matching(context.dead_letters, wanted):
            typer.echo(exported(message).model_dump_json())
            count += 1
            if count == limit:
                break
    typer.echo(f"Exported {count:,}.", err=True)
