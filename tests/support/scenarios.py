"""What the explorations start from, by name."""

from dataclasses import dataclass
from datetime import timedelta

from model_fates import (
    ALLOWANCE,
    LAG,
    LANDS_AFTER_ITS_TIME_OUT,
    LEASE,
    MACHINE_SLEEPS,
    PAUSED_ON_THE_DOORSTEP,
    Fate,
)

# A launch that is not over by then, whatever happened to it, never will be.
HORIZON = timedelta(hours=3)


@dataclass(frozen=True, slots=True)
class Scenario:
    """What is given in a run; `wall_errors` has one entry for each worker.

    `only`: the names of the fates that may be chosen beside the ordinary ones, where not all may. `beyond`: fates of
    writes to the world that the assumptions exclude. `within`: by when the launch has to be settled.
    """

    wall_errors: tuple[timedelta, ...] = (timedelta(), timedelta())
    lag: timedelta = LAG
    only: frozenset[str] | None = None
    beyond: tuple[Fate, ...] = ()
    within: timedelta = HORIZON

    @property
    def workers(self) -> int:
        return len(self.wall_errors)


_RIGHT, _FAST, _SLOW = timedelta(), timedelta(minutes=5), timedelta(minutes=-5)
_NOTHING: frozenset[str] = frozenset()
_ANSWERS_OF_THE_STORE = {
    "stored, the answer is lost",
    "not stored, the answer is lost",
    "stored a moment later, the answer is lost",
}

SCENARIOS = {
    "one-worker": Scenario((_RIGHT,)),
    "two-workers": Scenario((_RIGHT, _RIGHT)),
    "second-clock-fast": Scenario((_SLOW, _FAST)),
    "second-clock-slow": Scenario((_FAST, _SLOW)),
    "look-ups-at-once": Scenario((_FAST, _SLOW), lag=timedelta()),
}

# Nothing is doubled or lost where these fail, but somebody is woken later than need be.
PROMPT = {
    "store-answers-lost": Scenario((_RIGHT,), only=frozenset(_ANSWERS_OF_THE_STORE), within=timedelta(seconds=5)),
    "death-and-slow-clocks": Scenario(
        (_SLOW, _SLOW), only=frozenset({"the worker dies, it lands"}), within=ALLOWANCE + LAG + LEASE
    ),
}

# What the guarantee excludes, and why it must: each does harm.
BEYOND = {
    "lands-after-its-time-out": Scenario(only=_NOTHING, beyond=(LANDS_AFTER_ITS_TIME_OUT,)),
    "paused-on-the-doorstep": Scenario(only=_NOTHING, beyond=(PAUSED_ON_THE_DOORSTEP,)),
    "machine-sleeps": Scenario(only=_NOTHING, beyond=(MACHINE_SLEEPS,)),
    "look-ups-lag-longer": Scenario(lag=2 * LAG + timedelta(minutes=2)),
}

ALL = SCENARIOS | PROMPT | BEYOND
