"""Correct when something happened: what was known before stays in the entry, and a wrong order is a question."""

from collections.abc import Iterator, Mapping
from itertools import pairwise

from worker.domain.response.act import Act, Outcome
from worker.domain.response.entry import Say
from worker.domain.response.state import ResponseState
from worker.domain.text import quoted
from worker.lifecycle.acts.answers import already, done, refused
from worker.lifecycle.response.circumstances import Circumstances
from worker.lifecycle.response.log import Log
from worker.lifecycle.response.owning import set_time, time_value
from worker.lifecycle.response.wording import clock_words, joined, listed, standing

_HELD_TO = {
    "received_at": "the clock of whoever received it",
    "launched_at": "the launch",
    "acknowledged_at": "the first acknowledgement",
    "closed_at": "whoever closed it",
}
# Those that can be corrected, and what each is called.
EDITABLE: Mapping[str, str] = {
    "occurred_at": "when it began",
    "first_known_at": "when it was first known",
    "mitigated_at": "when the harm stopped",
    "resolved_at": "when it was resolved",
}
_REASON_NEEDED = frozenset({"mitigated_at", "resolved_at"})
_ONLY_IN: Mapping[str, frozenset[ResponseState]] = {
    "mitigated_at": frozenset({ResponseState.MITIGATED, ResponseState.RESOLVED, ResponseState.CLOSED}),
    "resolved_at": frozenset({ResponseState.RESOLVED, ResponseState.CLOSED}),
}
# Each pair in the order in which they are expected.
_ORDERS = (
    ("occurred_at", "first_known_at", "resolved_at"),
    ("occurred_at", "mitigated_at", "resolved_at"),
)


def correct_time(log: Log, act: Act, known: Circumstances) -> Outcome:
    name = _meant(act.time)
    fault = _fault(log, act, known, name)
    if fault or act.value is None:
        return refused(fault)
    former = log.response.times.get(name)
    if former is not None and former.value == act.value:
        return already(f"That is {EDITABLE[name]} as it is known already.")
    who = known.people.of(act.actor)
    set_time(log, name, time_value(log, known).model_copy(update={"value": act.value}))
    told = joined(f"{who.name} on {EDITABLE[name]}: {clock_words(act.value, log.now)}.", act.text)
    doubts = list(_doubts(log, name))
    data = {"time": name, "value": act.value, "former": former.model_dump(mode="json") if former else None}
    log.enter("time", told, data={**data, "reason": act.text}, says=[Say(text=doubt) for doubt in doubts])
    return done(joined(f"It is set: {EDITABLE[name]}, {clock_words(act.value, log.now)}.", " ".join(doubts)))


def _meant(text: str) -> str:
    """`mitigated`, `Mitigated at` and `mitigated_at` are one."""
    key = text.casefold().replace("-", "_").replace(" ", "_")
    return key if key.endswith("_at") else f"{key}_at"


def _fault(log: Log, act: Act, known: Circumstances, name: str) -> str:
    if name in _HELD_TO:
        return f"{name} is as {_HELD_TO[name]} said, and is never corrected; what can be: {listed(EDITABLE)}."
    if name not in EDITABLE:
        return f"There is no time {quoted(act.time)!r}; what can be corrected: {listed(EDITABLE)}."
    if log.response.state not in _ONLY_IN.get(name, frozenset(ResponseState)):
        return f"{standing(log.response, known)}: nobody can say yet {EDITABLE[name]}."
    return _fault_of_value(log, act, name)


def _fault_of_value(log: Log, act: Act, name: str) -> str:
    if act.value is None:
        return f"value: say {EDITABLE[name]}, as a time with its offset."
    if act.value > log.now:
        return f"value: {clock_words(act.value, log.now)} has not come yet."
    if name in _REASON_NEEDED and not act.text:
        return f"text: say why {name} is another one; without a reason it is not corrected."
    return ""


def _doubts(log: Log, name: str) -> Iterator[str]:
    """Once for each pair that stands in the wrong order."""
    times = log.response.times
    for order in _ORDERS:
        for earlier, later in pairwise(key for key in order if key in times):
            if name in {earlier, later} and times[earlier].value > times[later].value:
                yield f"{_words(log, later)} lies before {_words(log, earlier)}: is that right?"


def _words(log: Log, name: str) -> str:
    return f"{name} ({clock_words(log.response.times[name].value, log.now)})"
