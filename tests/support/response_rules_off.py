"""Each rule of the response switched off in the tested code, by the smallest change that does it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from azure.data.tables import UpdateMode
from rules_off import RULES_OFF as OF_THE_ENGINE
from rules_off import RuleOff

from worker.domain.settlement import Complete
from worker.lifecycle.response import deciding, delivery, lane_run, recording
from worker.lifecycle.response.delivery import ResponseDelivery
from worker.lifecycle.response.lane_run import LaneRun
from worker.lifecycle.response.recording import Recorded, Recorder
from worker.lifecycle.response.scheduling import TimerScheduler
from worker.storage import response_store
from worker.storage.lanes import passed
from worker.storage.response_store import ResponseStore

# What lanes stand on, as launches do.
_SHARED = frozenset(
    {
        "write ahead",
        "a lease fenced by its etag",
        "the send deadline",
        "quarantine",
        "look before repeating",
        "no hidden retry",
        "one transaction",
    }
)


def _whatever_stands(_before: Any, state: dict[str, Any]) -> tuple[Any, ...]:
    return ("upsert", state, {"mode": UpdateMode.REPLACE})


async def _without_outcomes(
    self: ResponseStore, before: Any, after: Any, entries: Any, _outcomes: Any = (), *, append: Any = ResponseStore.append
) -> Any:
    return await append(self, before, after, entries)


async def _state_first(self: ResponseStore, incident_id: str, operations: Sequence[Any], token: str, *, write: Any = ResponseStore._write) -> Any:
    etag = await write(self, incident_id, operations[:1], token)
    for kind, row, *_ in operations[1:]:
        await self._table.upsert_entity(row)
    return etag


def _of_any_epoch(response: Any, due: Any, known: Any, *, fire: Any = deciding.fire) -> Any:
    timer = response.timers.get(due.kind)
    return fire(response, due.model_copy(update={"epoch": timer.epoch}), known) if timer is not None else None


async def _fire_of_any_epoch(self: Recorder, incident: Any, due: Any, now: Any, *, fire: Any = Recorder.fire) -> Any:
    stored = await self.responses.read(incident.id)
    timer = stored.response.timers.get(due.kind) if stored is not None else None
    given = due.model_copy(update={"epoch": timer.epoch}) if timer is not None else due
    return await fire(self, incident, given, now)


async def _nothing_owed(_self: ResponseDelivery, _message: Any) -> Sequence[Any]:
    return ()


async def _nothing_again(_self: Recorder, response: Any, _act_id: str, outcome: Any) -> Recorded:
    return Recorded(response, (), outcome)


async def _once(
    self: TimerScheduler, key: str, before: Any, after: Any, *, again: str = "", schedule: Any = TimerScheduler.schedule
) -> None:
    if before is not None or after.seq == 1:
        await schedule(self, key, before, after, again=again)


def _done_all_the_same(_failures: Any, age: timedelta) -> Complete:
    del age
    return Complete()


async def _not_shown_again(self: LaneRun, lane: Any, entries: Any, effects: Any, journal: Any, *, catch_up: Any = LaneRun._catch_up) -> Any:
    async def never(_at: Any) -> None:
        pass

    return await catch_up(self, lane, entries, replace(effects, show_again=never), journal)


async def _passed_first(self: LaneRun, lane: Any, entry: Any, response: Any, effects: Any, journal: Any, *, take: Any = LaneRun._take) -> Any:
    journal.note(passed(entry.seq))
    return await take(self, lane, entry, response, effects, journal)


class _ReadBefore:
    """In the place of the store that a lane reads: its state is that of before the entries."""

    def __init__(self, responses: ResponseStore) -> None:
        self._responses = responses


RESPONSE_RULES_OFF = (
    *(each for each in OF_THE_ENGINE if each.rule in _SHARED),
    RuleOff("compare and set", [(response_store, "_first", _whatever_stands)], harm=""),
    RuleOff("an act's outcome beside its entries", [(ResponseStore, "append", _without_outcomes)], harm=""),
    RuleOff("entries and state in one transaction", [(ResponseStore, "_write", _state_first)], harm=""),
    RuleOff("epochs", [(Recorder, "fire", _fire_of_any_epoch)], harm="evel"),
    RuleOff("effects of what was recorded before: timers", [(ResponseDelivery, "_owed", _nothing_owed)], harm="Lost"),
    RuleOff("effects of what was recorded before: acts", [(Recorder, "_again", _nothing_again)], harm="Lost"),
    RuleOff("timers of what was recorded before", [(TimerScheduler, "schedule", _once)], harm="timer was lost"),
    RuleOff("settled only when brought about", [(delivery, "_decide", _done_all_the_same)], harm="Lost"),
    RuleOff("shown again", [(LaneRun, "_catch_up", _not_shown_again)], harm="The card shows"),
    RuleOff("shown again though it was shown", [(lane_run, "_is_anew", lambda _lane, _effects: False)], harm="The card shows"),
    RuleOff("passed only behind the effect", [(LaneRun, "_take", _passed_first)], harm="Lost"),
)
