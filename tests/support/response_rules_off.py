"""Each rule of the response switched off in the tested code, by the smallest change that does it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from azure.data.tables import UpdateMode
from rules_off import RuleOff

from worker.domain.settlement import Complete
from worker.lifecycle.response import delivery, lane_run
from worker.lifecycle.response.delivery import ResponseDelivery
from worker.lifecycle.response.lane_run import LaneRun
from worker.lifecycle.response.recording import Recorded, Recorder
from worker.lifecycle.response.scheduling import TimerScheduler
from worker.storage import response_store
from worker.storage.lanes import passed
from worker.storage.response_store import ResponseStore

_append, _write = ResponseStore.append, ResponseStore._write
_catch_up, _take = LaneRun._catch_up, LaneRun._take
_fire, _schedule = Recorder.fire, TimerScheduler.schedule


def _whatever_stands(_before: Any, state: dict[str, Any]) -> tuple[Any, ...]:
    return ("upsert", state, {"mode": UpdateMode.REPLACE})


async def _without_outcomes(self: ResponseStore, before: Any, after: Any, entries: Any, _outcomes: Any = ()) -> Any:
    return await _append(self, before, after, entries)


async def _state_first(self: ResponseStore, incident_id: str, operations: Sequence[Any], token: str) -> Any:
    etag = await _write(self, incident_id, operations[:1], token)
    for operation in operations[1:]:
        await self._table.upsert_entity(operation[1])
    return etag


async def _fire_of_any_epoch(self: Recorder, incident: Any, due: Any, now: Any) -> Any:
    stored = await self.responses.read(incident.id)
    timer = stored.response.timers.get(due.kind) if stored is not None else None
    given = due.model_copy(update={"epoch": timer.epoch}) if timer is not None else due
    return await _fire(self, incident, given, now)


async def _nothing_owed(_self: ResponseDelivery, _message: Any) -> Sequence[Any]:
    return ()


async def _nothing_again(_self: Recorder, response: Any, _act_id: str, outcome: Any) -> Recorded:
    return Recorded(response, (), outcome)


async def _once(self: TimerScheduler, key: str, before: Any, after: Any, *, again: str = "") -> None:
    """What a worker that died had recorded is not looked through for timers."""
    if before is not None or after.seq == 1:
        await _schedule(self, key, before, after, again=again)


def _done_all_the_same(_failures: Any, age: timedelta) -> Complete:
    del age
    return Complete()


async def _not_shown_again(self: LaneRun, lane: Any, entries: Any, effects: Any, journal: Any) -> Any:
    async def never(_at: Any) -> None:
        pass

    return await _catch_up(self, lane, entries, replace(effects, show_again=never), journal)


async def _passed_first(self: LaneRun, lane: Any, entry: Any, *rest: Any) -> Any:
    *_, journal = rest
    journal.note(passed(entry.seq))
    return await _take(self, lane, entry, *rest)


def _is_never_anew(_lane: Any, _effects: Any) -> bool:
    return False


RESPONSE_RULES_OFF = (
    RuleOff("compare and set", [(response_store, "_first", _whatever_stands)], harm="fold"),
    RuleOff("an act's outcome beside its entries", [(ResponseStore, "append", _without_outcomes)], harm="wice"),
    RuleOff("entries and state in one transaction", [(ResponseStore, "_write", _state_first)], harm="one by one"),
    RuleOff("epochs", [(Recorder, "fire", _fire_of_any_epoch)], harm="Levels"),
    RuleOff("effects of what a timer led to before", [(ResponseDelivery, "_owed", _nothing_owed)], harm="Lost"),
    RuleOff("effects of what an act led to before", [(Recorder, "_again", _nothing_again)], harm="Lost"),
    RuleOff("timers of what was recorded before", [(TimerScheduler, "schedule", _once)], harm="timer was lost"),
    RuleOff("settled only when brought about", [(delivery, "_decide", _done_all_the_same)], harm="Lost"),
    RuleOff("shown again", [(LaneRun, "_catch_up", _not_shown_again)], harm="The card shows"),
    RuleOff("shown again though it was shown", [(lane_run, "_is_anew", _is_never_anew)], harm="The card shows"),
    RuleOff("passed only behind the effect", [(LaneRun, "_take", _passed_first)], harm="Lost"),
)
