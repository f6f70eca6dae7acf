"""Choose dead letters, foresee what would become of them, and do it when it is wanted."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from worker.dead_letters.browse import Letter
from worker.dead_letters.filter import Filter, matching
from worker.dead_letters.locked_scan import PATIENCE, Pace, Say, Tell, Walk
from worker.dead_letters.outcome import Fate, Outcome, Summary
from worker.messaging.dead_letter_receiver import DeadLetterSlot
from worker.messaging.message import Message

# Enough to be quick with thousands, and few enough for a table store that others use as well.
_CHECKS_AT_ONCE = 16


class Deed(Protocol):
    """What can be done to a dead letter: Replay or Discard."""

    action: str

    def foresee(self, message: Message) -> Outcome: ...

    async def check(self, foreseen: Outcome) -> Outcome: ...

    async def __call__(self, message: Message) -> Outcome: ...


@dataclass(frozen=True, slots=True)
class Planned:
    letter: Letter
    foreseen: Outcome


async def plan(slot: DeadLetterSlot, deed: Deed, wanted: Filter, limit: int | None) -> list[Planned]:
    """The oldest first, and no more than the limit; nothing is locked or changed."""
    chosen: list[Planned] = []
    async for message, letter in matching(slot, wanted):
        chosen.append(Planned(letter, deed.foresee(message)))
        if limit is not None and len(chosen) >= limit:
            break
    one_of_few = asyncio.Semaphore(_CHECKS_AT_ONCE)

    async def checked(planned: Planned) -> Planned:
        async with one_of_few:
            return Planned(planned.letter, await deed.check(planned.foreseen))

    return list(await asyncio.gather(*(checked(planned) for planned in chosen)))


async def carry_out(
    slot: DeadLetterSlot,
    deed: Deed,
    planned: Sequence[Planned],
    *,
    rate: float | None,
    stopping: asyncio.Event,
    tell: Tell,
    say: Say,
    patience: timedelta = PATIENCE,
) -> Summary:
    outcomes: list[Outcome] = []

    def note(outcome: Outcome) -> None:
        outcomes.append(outcome.model_copy(update={"incident_id": incidents[outcome.sequence_number]}))
        tell(outcomes[-1])

    incidents = {each.letter.sequence_number: each.foreseen.incident_id for each in planned}
    for each in planned:
        if each.foreseen.fate is not Fate.DONE:
            note(each.foreseen)
    doable = [each.letter.sequence_number for each in planned if each.foreseen.fate is Fate.DONE]
    walk = Walk(slot, deed, pace=Pace(rate), stopping=stopping, tell=note, say=say, patience=patience)
    await walk.run(doable)
    return Summary(
        action=deed.action, dry_run=False, outcomes=sorted(outcomes, key=lambda outcome: outcome.sequence_number)
    )


def foreseen(deed: Deed, planned: Sequence[Planned]) -> Summary:
    return Summary(action=deed.action, dry_run=True, outcomes=[each.foreseen for each in planned])
