"""Which firings the ends of one identity reach: those that began at or before the end, whatever beginning it names.

Replicas of a monitoring system know different beginnings of one fault, and an end may be told with any of them. The end
decides, by the sender's own clock as far as that is believed; it may be wrong, and say that something ends which has
not been told yet: so it reaches nothing that began and was received after the end itself was received.
"""

from bisect import bisect_left
from collections.abc import Iterable
from datetime import datetime
from itertools import accumulate

from worker.domain.alert_record import AlertRecord


class AlertEnds:
    """All ends of one identity, in whatever order they came."""

    def __init__(self, ends: Iterable[AlertRecord]) -> None:
        told = list(ends)
        self._received = _latest(each.received_at for each in told)
        self._received_undated = _latest(each.received_at for each in told if each.ended is None)
        self._began = _latest(each.began for each in told)
        dated = sorted((each.ended, each.received_at) for each in told if each.ended is not None)
        self._ended = [ended for ended, _ in dated]
        # Beside each end, when the last was received of all that end no earlier.
        self._received_from = list(accumulate((received for _, received in reversed(dated)), max))[::-1]

    def reach(self, firing: AlertRecord) -> bool:
        began = firing.began
        if began is None:
            return _reaches(self._received, firing.received_at)
        return (
            _reaches(self._began, began)
            or _reaches(self._received_undated, firing.received_at)
            or self._dated_reach(began, firing.received_at)
        )

    def _dated_reach(self, began: datetime, received: datetime) -> bool:
        place = bisect_left(self._ended, began)
        return place < len(self._ended) and self._received_from[place] >= min(began, received)


def ends(end: AlertRecord, firing: AlertRecord) -> bool:
    """Of the same identity."""
    return AlertEnds([end]).reach(firing)


def _latest(moments: Iterable[datetime | None]) -> datetime | None:
    return max((moment for moment in moments if moment is not None), default=None)


def _reaches(moment: datetime | None, wanted: datetime) -> bool:
    return moment is not None and moment >= wanted
