"""A history with how its response stands, what happened, and whom that has told, as it is shown."""

import asyncio
import json
from collections.abc import Iterable, Iterator
from typing import TypeVar

from worker.domain.checkpoint import Checkpoint
from worker.domain.response.entry import Entry
from worker.domain.states import StepState
from worker.incidents.history import History, StepHistory
from worker.incidents.response import shown_entries, shown_response
from worker.storage.stores import Stores

Told = TypeVar("Told", bound=History)

# The lane that tells people, and so many of its places at once.
_LANE = "tells"
_AT_ONCE = 16


async def with_response(stores: Stores, history: Told) -> Told:
    """As it is where no response has begun. Raises as the store does."""
    stored = await stores.responses.read(history.incident_id)
    if stored is None:
        return history
    entries = await stores.responses.entries(history.incident_id)
    shown = {
        "response": shown_response(stored.response, history.launched_at),
        "entries": shown_entries(entries),
        "later_steps": await _steps_that_told(stores, history.incident_id, entries),
    }
    return history.model_copy(update=shown)


async def _steps_that_told(stores: Stores, incident_id: str, entries: Iterable[Entry]) -> tuple[StepHistory, ...]:
    one_of_few = asyncio.Semaphore(_AT_ONCE)

    async def read(entry: Entry) -> list[StepHistory]:
        async with one_of_few:
            made = await stores.lanes.made(incident_id, f"{_LANE}-{entry.seq}")
        return list(_steps(made))

    found = await asyncio.gather(*(read(entry) for entry in entries if entry.tells))
    return tuple(step for steps in found for step in steps)


def _steps(made: Iterable[Checkpoint]) -> Iterator[StepHistory]:
    for each in made:
        result = json.loads(each.result) if each.result and each.state is StepState.DONE else None
        if isinstance(result, dict):
            yield StepHistory(
                name=each.name, state=each.state, begun_at=each.begun_at, ended_at=each.ended_at, result=result
            )
