"""Choose dead letters, preview what would become of them, and do it when it is wanted."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from worker.dead_letters.browse import Letter
from worker.dead_letters.filter import Filter, matching
from worker.dead_letters.locked_scan import PATIENCE, LockedScan, Pace, Say, Tell
from worker.dead_letters.outcome import ItemOutcome, ItemResult, Summary
from worker.messaging.dead_letter_receiver import DeadLetterReceiver
from worker.messaging.message import Message

# Enough to be quick with thousands, and few enough for a table store that others use as well.
_CHECKS_AT_ONCE = 16


class Operation(Protocol):
    """What can be done to a dead letter: Replay or Discard."""

    action: str

    def preview(self, message: Message) -> ItemOutcome: ...

    async def check(self, previewed: ItemOutcome) -> ItemOutcome: ...

    async def __call__(self, message: Message) -> ItemOutcome: ...


@dataclass(frozen=True, slots=True)
class Planned:
    letter: Letter
    previewed: ItemOutcome


async def plan(receiver: DeadLetterReceiver, operation: Operation, wanted: Filter, limit: int | None) -> list[Planned]:
    """The oldest first, and no more than the limit; nothing is locked or changed."""
    chosen: list[Planned] = []
    async for message, letter in matching(receiver, wanted):
        chosen.append(Planned(letter, operation.preview(message)))
        if limit is not None and len(chosen) >= limit:
            break
    one_of_few = asyncio.Semaphore(_CHECKS_AT_ONCE)

    async def checked(planned: Planned) -> Planned:
        async with one_of_few:
            return Planned(planned.letter, await operation.check(planned.previewed))

    return list(await asyncio.gather(*(checked(planned) for planned in chosen)))


async def carry_out(
    receiver: DeadLetterReceiver,
    operation: Operation,
    planned: Sequence[Planned],
    *,
    rate: float | None,
    stopping: asyncio.Event,
    tell: Tell,
    say: Say,
    patience: timedelta = PATIENCE,
) -> Summary:
    outcomes: list[ItemOutcome] = []

    def note(outcome: ItemOutcome) -> None:
        outcomes.append(outcome.model_copy(update={"incident_id": incidents[outcome.sequence_number]}))
        tell(outcomes[-1])

    incidents = {each.letter.sequence_number: each.previewed.incident_id for each in planned}
    for each in planned:
        if each.previewed.result is not ItemResult.DONE:
            note(each.previewed)
    doable = [each.letter.sequence_number for each in planned if each.previewed.result is ItemResult.DONE]
    walk = LockedScan(receiver, operation, pace=Pace(rate), stopping=stopping, tell=note, say=say, patience=patience)
    await walk.run(doable)
    return Summary(
        action=operation.action, dry_run=False, outcomes=sorted(outcomes, key=lambda outcome: outcome.sequence_number)
    )


def previewed(operation: Operation, planned: Sequence[Planned]) -> Summary:
    return Summary(action=operation.action, dry_run=True, outcomes=[each.previewed for each in planned])
