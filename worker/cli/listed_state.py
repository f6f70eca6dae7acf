"""The states by which incidents are listed: those of the launch, those of the response, and running."""

from enum import StrEnum


class ListedState(StrEnum):
    """No word is of both, so that each says which is meant; a test holds them against the two."""

    LAUNCHING = "launching"
    LAUNCHED = "launched"
    NOBODY_TOLD = "nobody-told"
    FAILED = "failed"
    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    MITIGATED = "mitigated"
    RESOLVED = "resolved"
    CLOSED = "closed"
    DECLINED = "declined"
    MERGED = "merged"
    RUNNING = "running"
