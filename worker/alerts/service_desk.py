"""What a service desk's numbers mean, in ServiceNow as it is delivered: states, and the matrix of priorities."""

from collections.abc import Sequence

from worker.domain.event import Severity

RESOLVED = frozenset({"6", "7", "resolved", "closed"})
# Whoever takes a record back has not measured that it is over.
CANCELED = frozenset({"8", "canceled", "cancelled"})


def priority(ranks: Sequence[int]) -> Severity:
    """Of urgency and impact, or of the one that is given; 1 is the worst of each."""
    return Severity(min(sum(ranks) - len(ranks) + 1, Severity.INFORMATION))
