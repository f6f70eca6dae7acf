"""What the explorations of acts and timers start from, by name."""

from datetime import timedelta

from response_run import ResponseScenario
from response_world import by

from worker.domain.response.act import Act, ActKind

_ACKNOWLEDGED = Act(act=ActKind.ACKNOWLEDGE, id="ack-1", actor=by("ada"))
_ACKNOWLEDGED_TOO = Act(act=ActKind.ACKNOWLEDGE, id="ack-2", actor=by("cy"))
_NOTED = Act(act=ActKind.NOTE, id="note-1", actor=by("ben"), text="Restarted.")
_REOPENED = Act(act=ActKind.REOPEN, id="reopen-1", actor=by("ben"))

_DEATHS = frozenset({"the worker dies, it lands", "the worker dies, nothing lands"})
_LATE = frozenset({"lands at the last moment, is never answered", "the worker dies, it lands after 75 s"})
_PAUSES = frozenset({"the worker pauses 30 s, it lands", "the worker pauses 195 s, it lands"})
_ALONE, _TWO = (timedelta(),), (timedelta(), timedelta())
# At the very moment at which the second level is due.
_AT_ONCE = ((60.0, _ACKNOWLEDGED),)
_MANY = (
    (61.0, _NOTED),
    (61.0, _NOTED),
    (61.0, _ACKNOWLEDGED),
    (61.0, _ACKNOWLEDGED_TOO),
    (90.0, _REOPENED),
)

# Each disturbed once, at each of its requests.
NARROW = {
    "deaths": ResponseScenario(_ALONE, only=_DEATHS, acts=_AT_ONCE),
    "late-requests": ResponseScenario(_ALONE, only=_LATE, acts=_AT_ONCE),
}
# Where nothing comes afterwards that would make up for what is lost.
LAST = {"noted-last": ResponseScenario(_ALONE, only=_DEATHS, acts=((300.0, _NOTED),))}
# Disturbed by chance, several times; any two requests may be carried out in another order as well.
WIDE = {
    "crowd": ResponseScenario(_TWO, only=frozenset(), acts=_MANY),
    "acknowledged": ResponseScenario(_TWO, acts=_AT_ONCE),
    "nobody-answers": ResponseScenario(_TWO),
    "many-acts": ResponseScenario(_TWO, acts=_MANY),
    "pauses": ResponseScenario(_TWO, only=_PAUSES | _DEATHS, acts=_MANY),
    "clocks-differ": ResponseScenario((timedelta(minutes=5), timedelta(minutes=-5)), acts=_MANY),
}

ALL_OF_RESPONSE = NARROW | LAST | WIDE
