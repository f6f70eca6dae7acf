"""In which ways a stand-in can be told to misbehave."""

from enum import StrEnum


class Behaviour(StrEnum):
    DELAY = "delay"
    STATUS = "status"
    REFUSE = "refuse"
    DROP_BEFORE = "drop-before"
    DROP_AFTER = "drop-after"
    HANG = "hang"
    APPLY_THEN_STATUS = "apply-then-status"
    LAG = "lag"
    THROTTLE = "throttle"
    STALL = "stall"
    FAIL_LATER = "fail-later"


# These are a state of the stand-in, not something that happens to one request; each stand-in says which it has.
STANDING = frozenset({Behaviour.LAG, Behaviour.THROTTLE, Behaviour.STALL, Behaviour.FAIL_LATER})
