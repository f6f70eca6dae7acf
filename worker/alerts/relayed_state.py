"""How far a state was measured, by details of a page in which its sender passes on what a monitoring system said."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from worker.alerts.details import readable
from worker.alerts.unmeasured import doubted, is_vanished, is_without_data
from worker.domain.event import TEXT_LIMIT, Event, EventType
from worker.domain.text import clean_line

_GRAFANA = "Grafana"
# As Grafana's own template writes annotations, and as fields have it.
_STATE_REASON = re.compile(r"grafana_state_reason\W{1,4}(\w[\w, ]{0,60})")
_BLIND = re.compile(r"\bDatasource(?:NoData|Error)\b")
_UNMEASURED = {"error", "keeplast", "missingseries", "nodata"}
_STATES = ("state_reason", "state", "status")
# Grafana tells in these of the alerts of a group that fire, and of those that do not any more.
_OF_ENDS, _OF_FIRINGS = "resolved", "firing"


@dataclass(frozen=True, slots=True)
class _Relayed:
    details: Mapping[str, object]
    text: str

    @property
    def state_reason(self) -> str:
        found = _STATE_REASON.search(self.text)
        return clean_line(found[1]) if found else ""

    def states(self, *names: str) -> list[str]:
        return [value for name in names if isinstance(value := self.details.get(name), str)]


def measured(event: Event, details: object) -> Event:
    """The event, or what it is by what its details say: an end that nobody measured, or a firing in doubt."""
    match event.type:
        case EventType.RESOLVE:
            reason = _reason_of_end(_relayed(details, without=_OF_FIRINGS))
            told = {"type": EventType.NO_LONGER_REPORTED, "state_reason": reason}
            return Event(**dict(event) | told) if reason else event
        case EventType.TRIGGER:
            return _firing(event, _relayed(details, without=_OF_ENDS))
        case _:
            return event


def _relayed(details: object, *, without: str) -> _Relayed:
    kept = {name: value for name, value in details.items() if name != without} if isinstance(details, Mapping) else {}
    return _Relayed(kept, readable(kept if isinstance(details, Mapping) else details)[:TEXT_LIMIT])


def _reason_of_end(relayed: _Relayed) -> str:
    said = relayed.states(*_STATES)
    named = next((word for word in said if is_vanished(word) or is_without_data(word)), "")
    reason = next(filter(is_vanished, relayed.states("reason")), "")
    return relayed.state_reason or named or reason


def _firing(event: Event, relayed: _Relayed) -> Event:
    words = {word.strip().lower() for word in relayed.state_reason.split(",")}
    if words & _UNMEASURED or _BLIND.search(f"{event.title}\n{relayed.text}"):
        return doubted(event, _GRAFANA)
    return doubted(event, event.source) if any(map(is_without_data, relayed.states(*_STATES))) else event
