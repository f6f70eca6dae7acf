"""How far a launch and its steps are."""

from enum import StrEnum


class LaunchState(StrEnum):
    LAUNCHING = "launching"
    LAUNCHED = "launched"
    FAILED = "failed"  # the message went to the dead letters; a replay makes it launching again


class StepState(StrEnum):
    WAITING = "waiting"  # for the steps it needs, or for an attempt
    BEGUN = "begun"
    DONE = "done"
    FAILED = "failed"
