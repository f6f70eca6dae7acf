"""Each rule of the response switched off in the tested code, by the smallest change that does it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from rules_off import RuleOff

from worker.domain.settlement import Complete
from worker.lifecycle.response import delivery, lane_run
from worker.lifecycle.response.delivery import ResponseDelivery
from worker.lifecycle.response.lane_run import LaneRun
from worker.lifecycle.response.log import Log
from worker.lifecycle.response.recording import Recorded, Recorder
from worker.lifecycle.response.scheduling import TimerScheduler
from worker.storage.lanes import passed
from worker.storage.response_store import ResponseStore

_append, _write = ResponseStore.append, ResponseStore._write
_catch_up, _take = LaneRun._catch_up, LaneRun._take
_schedule = TimerScheduler.schedule


async def _without_outcomes(self: ResponseStore, before: Any, after: Any, entries: Any, _outcomes: Any = ()) -> Any:
    return await _append(self, before, after, entries)


async def _state_first(self: ResponseStore, incident_id: str, operations: Sequence[Any], token: str) -> Any:
    etag = await _write(self, incident_id, operations[:1], token)
    for operation in operations[1:]:
        await self._table.upsert_entity(operation[1])
    return etag


def _left_to_come(_self: Log, _kind: Any) -> None:
    pass


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


_DEATHS, _LATE, _CROWD, _LAST = ("deaths",), ("late-requests",), ("crowd",), ("noted-last",)

RESPONSE_RULES_OFF = (
    RuleOff("an act's outcome beside its entries", [(ResponseStore, "append", _without_outcomes)], "wice", _CROWD),
    RuleOff("entries and state in one transaction", [(ResponseStore, "_write", _state_first)], "one by one", _DEATHS),
    RuleOff("timers are taken back", [(Log, "stop_timer", _left_to_come)], "behind the acknowledgement", _DEATHS),
    RuleOff("effects of what a timer led to before", [(ResponseDelivery, "_owed", _nothing_owed)], "Lost", _DEATHS),
    RuleOff("effects of what an act led to before", [(Recorder, "_again", _nothing_again)], "Lost", _LAST),
    RuleOff("timers of what was recorded before", [(TimerScheduler, "schedule", _once)], "timer was lost", _LAST),
    RuleOff("settled only when brought about", [(delivery, "_decide", _done_all_the_same)], "Lost", _LATE),
    RuleOff("shown again", [(LaneRun, "_catch_up", _not_shown_again)], "The card shows", _LATE),
    RuleOff("shown again though it was shown", [(lane_run, "_is_anew", _is_never_anew)], "The card shows", _LATE),
    RuleOff("passed only behind the effect", [(LaneRun, "_take", _passed_first)], "Lost", _DEATHS),
)
