"""Where the response to an incident stands; neither its launch nor its alerts say anything of it."""

from enum import StrEnum


class ResponseState(StrEnum):
    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    MITIGATED = "mitigated"  # the harm has stopped, its cause may not have
    RESOLVED = "resolved"
    CLOSED = "closed"
    DECLINED = "declined"  # it was none
    MERGED = "merged"  # into another one


# People are at work on it, or should be.
RUNNING = frozenset({ResponseState.OPEN, ResponseState.ACKNOWLEDGED, ResponseState.MITIGATED})
# Nothing is expected of anybody any more.
ENDED = frozenset({ResponseState.CLOSED, ResponseState.DECLINED, ResponseState.MERGED})
