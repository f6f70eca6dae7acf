"""More alerts in one call or message than are read of it: the worst of those that fire are."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from worker.domain.event import Severity

# Ten times what anybody groups; a megabyte of empty alerts would keep a process busy for minutes.
ALERTS_LIMIT = 2_000
# Of more than these nobody looks for the worst: as many as the largest body holds of ordinary size.
_CONSIDERED = 20_000
_SEVERITY_FIELDS = ("severity", "priority", "urgency")
_STATE_FIELDS = ("status", "state", "type")
_PARTS = ("labels", "annotations", "data", "payload")
_WORD = 100

Rank = tuple[bool, int]  # whether it has ended, and how severe it is
FindSeverity = Callable[[str], Severity | None]


def within_limit(payload: Any, find: FindSeverity) -> tuple[Any, int]:
    """A list, or the `alerts` of a group, cut to the limit, and how many of them were left out.

    `find`: what a word for severity means.
    """
    many = payload.get("alerts") if isinstance(payload, Mapping) else payload
    if not isinstance(many, list) or len(many) <= ALERTS_LIMIT:
        return payload, 0
    kept = most_important(many, _rank_by(find))
    left_out = len(many) - len(kept)
    return ({**payload, "alerts": kept} if isinstance(payload, Mapping) else kept), left_out


def most_important(alerts: Sequence[Any], rank: Callable[[Any], Rank]) -> Sequence[Any]:
    """As many as are read, in the order in which they came."""
    if len(alerts) <= ALERTS_LIMIT:
        return alerts
    ranked = sorted((rank(alert), place) for place, alert in enumerate(alerts[:_CONSIDERED]))
    return [alerts[place] for place in sorted(place for _, place in ranked[:ALERTS_LIMIT])]


def _rank_by(find: FindSeverity) -> Callable[[object], Rank]:
    known: dict[str, Severity | None] = {}

    def rank(alert: object) -> Rank:
        for said in _said(alert, _SEVERITY_FIELDS):
            if (word := said[:_WORD]) not in known:
                known[word] = find(word)
            if (severity := known[word]) is not None:
                return _has_ended(alert), severity
        return _has_ended(alert), Severity.MEDIUM

    return rank


def _has_ended(alert: object) -> bool:
    return any(said[-_WORD:].lower().endswith(("resolved", "resolve")) for said in _said(alert, _STATE_FIELDS))


def _said(alert: object, fields: Sequence[str]) -> Iterator[str]:
    """What stands in these fields, of the alert itself and of the parts in which formats keep them."""
    if not isinstance(alert, Mapping):
        return
    for part in (alert, *(alert.get(name) for name in _PARTS)):
        if isinstance(part, Mapping):
            yield from (str(part[name]) for name in fields if isinstance(part.get(name), str | int))
