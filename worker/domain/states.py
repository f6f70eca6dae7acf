"""How far a launch and its steps are."""

from enum import StrEnum


class LaunchState(StrEnum):
    LAUNCHING = "launching"
    LAUNCHED = "launched"  # every step is done, and somebody was told
    NOBODY_TOLD = "nobody-told"  # nobody could be told so far, whether it is still tried or nothing is left to try
    FAILED = "failed"  # the message went to the dead letters; a replay makes it launching again


class StepState(StrEnum):
    WAITING = "waiting"  # for the steps it needs, or for an attempt
    BEGUN = "begun"
    DONE = "done"
    FAILED = "failed"
