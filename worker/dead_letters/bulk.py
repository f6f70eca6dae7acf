"""Choose dead letters, preview what would become of them, and do it when it is wanted."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta

from worker.dead_letters.browse import DeadLetters
from worker.dead_letters.filter import Filter, matching
from worker.dead_letters.locked_scan import PATIENCE, LockedScan, Notify, Pace, Report
from worker.dead_letters.operation import Operation, Planned
from worker.dead_letters.outcome import ItemOutcome, Summary
from worker.messaging.message import Message

# Enough to be quick with thousands, and few enough for a table store that others use as well.
_CHECKS_AT_ONCE = 16


async def plan(dead_letters: DeadLetters, operation: Operation, wanted: Filter, limit: int | None) -> list[Planned]:
    """The oldest first, and no more than the limit; nothing is locked or changed."""
    chosen: list[Planned] = []
    async for decoded, _ in matching(dead_letters, wanted):
        chosen.append(operation.plan(decoded))
        if limit is not None and len(chosen) >= limit:
            break
    one_of_few = asyncio.Semaphore(_CHECKS_AT_ONCE)

    async def check(planned: Planned) -> Planned:
        async with one_of_few:
            return await operation.check(planned)

    return list(await asyncio.gather(*(check(planned) for planned in chosen)))


async def carry_out(
    dead_letters: DeadLetters,
    operation: Operation,
    planned: Sequence[Planned],
    *,
    rate: float | None,
    stopping: asyncio.Event,
    report: Report,
    notify: Notify,
    patience: timedelta = PATIENCE,
) -> Summary:
    outcomes: list[ItemOutcome] = []

    def note(outcome: ItemOutcome) -> None:
        outcomes.append(outcome.model_copy(update={"incident_id": incidents[outcome.sequence_number]}))
        report(outcomes[-1])

    async def act(message: Message) -> ItemOutcome:
        return await doable[message.sequence](message)

    incidents = {each.outcome.sequence_number: each.outcome.incident_id for each in planned}
    doable = {each.outcome.sequence_number: each.carry_out for each in planned if each.carry_out is not None}
    for each in planned:
        if each.carry_out is None:
            note(each.outcome)
    scan = LockedScan(
        dead_letters.receiver, act, pace=Pace(rate), stopping=stopping, report=note, notify=notify, patience=patience
    )
    await scan.run(doable)
    return Summary(
        action=operation.action, dry_run=False, outcomes=sorted(outcomes, key=lambda outcome: outcome.sequence_number)
    )


def previewed(operation: Operation, planned: Sequence[Planned]) -> Summary:
    return Summary(action=operation.action, dry_run=True, outcomes=[each.outcome for each in planned])
