"""The native event, also where its fields have the names that service desks and scripts give them."""

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from typing import Any

from pydantic import ValidationError

from worker.alerts import service_desk
from worker.alerts.fields import digest
from worker.alerts.format import Format, Mark, NotThisFormat
from worker.alerts.links import link
from worker.alerts.naming import in_snake_case, with_our_spelling
from worker.alerts.severities import UNCHANGED, Severities, SeverityWords
from worker.alerts.timestamps import moment
from worker.alerts.unmeasured import doubted, is_vanished, is_without_data
from worker.domain.event import INTERNAL_KINDS, Event, EventType, Severity
from worker.domain.text import SHORT_LIMIT, clean_line
from worker.domain.validation import Fault, field_faults

NAME = "native"
_TITLES = ("title", "short_description", "summary", "subject")
_PLAIN_TITLES = _TITLES[:2]
_TEXTS = {
    "title": _TITLES[1:],
    "description": ("details", "message"),
    "service": ("assignment_group", "business_service"),
}
# What tells that a subject or summary is that of an event, and what may stand beside it without doing so.
_TELLING = {"severity", "priority", "urgency", "impact", "service", "assignment_group", "cmdb_ci", "fingerprint"}
# What the intake itself writes into an event is nobody else's to say.
_OURS = {"call", "remainder", "sender"}
_OTHERS = {"correlation_id", "state", "status", "opened_at", "closed_at", "link", "url"}
_KNOWN = _TELLING | (Event.model_fields.keys() - _OURS) | _OTHERS | {*chain(_TITLES, *_TEXTS.values())}
_RANK = re.compile(r"([1-5])( *- *[A-Za-z]+)?")  # as `2` or `2 - High`
# Much else has a status, and one with a number: only these words of it are an alert's, and only of one that is known.
_STATUSES = {"acknowledged", "closed", "ok", "recovered", "resolved"}
_STATES = {
    EventType.ACKNOWLEDGE: {"acknowledged", "in progress", "work in progress", "on hold", "2", "3"},
    EventType.RESOLVE: service_desk.RESOLVED | {"recovered", "ok"},
}


def _parse(payload: object, words: SeverityWords) -> Sequence[Event]:
    """The one event of a call; raises NotThisFormat, naming the field."""
    return [_event(payload, words)]


def _is_titled(payload: Mapping[str, Any]) -> bool:
    """Much has a subject or a summary that is nobody's alarm: only beside other words of ours it is a title."""
    spelt = with_our_spelling(payload, _KNOWN)
    if any(spelt.get(name) for name in _PLAIN_TITLES):
        return True
    names = {in_snake_case(name) for name in payload}
    return any(spelt.get(name) for name in _TITLES) and (names <= _KNOWN or bool(names & _TELLING))


FORMAT = Format(
    name=NAME,
    parse=_parse,
    mark=Mark(" or ".join(_TITLES), _is_titled),
    minimum={"title": "Checkout is down"},
)


def event_of(payload: object, severities: Severities = UNCHANGED) -> Event:
    """Raises NotThisFormat, naming the field."""
    return _event(payload, FORMAT.severity_words(severities))


def read_severity(word: str, severities: Severities = UNCHANGED) -> Severity:
    """As a person types it wherever one is asked for; raises ValueError, whose sentence names the words."""
    return FORMAT.severity_words(severities).read(word)


def _event(payload: object, words: SeverityWords) -> Event:
    try:
        event = Event.model_validate(_without_ours(_read(payload, words)) if isinstance(payload, dict) else payload)
    except ValidationError as error:
        choice = Fault("severity", words.choice)
        raise NotThisFormat(
            NAME, [choice if fault.field == choice.field else fault for fault in field_faults(error)]
        ) from None
    if event.type in INTERNAL_KINDS:
        raise NotThisFormat(NAME, [Fault("type", f"{event.type} is Tocsin's own reminder, and taken from nobody else")])
    without_data = event.type is EventType.TRIGGER and isinstance(payload, dict) and is_without_data(_state(payload))
    return doubted(event, event.source or "the sender") if without_data else event


def _without_ours(payload: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in payload.items() if name not in _OURS}


def _read(payload: dict[str, Any], words: SeverityWords) -> dict[str, Any]:
    return _in_our_names(with_our_spelling(payload, _KNOWN), words)


def _in_our_names(payload: dict[str, Any], words: SeverityWords) -> dict[str, Any]:
    """The payload, and what it says in other names of the fields that it leaves empty."""
    ours = {**payload, **dict(_respelt(payload, words))}
    found = {name: value for name, value in _aliases(ours, payload, words) if value and _is_empty(ours.get(name))}
    if not found:
        return ours
    # Much of what a service desk says has no field here, and is looked up in what it sent.
    return {**ours, **found, "raw": payload if _is_empty(payload.get("raw")) else payload["raw"]}


def _is_empty(value: object) -> bool:
    return value is None or value == ""


def _respelt(payload: dict[str, Any], words: SeverityWords) -> Iterator[tuple[str, Any]]:
    source, severity = payload.get("detection_source"), payload.get("severity")
    if isinstance(source, str):
        yield "detection_source", "-".join(source.lower().replace("_", " ").split()) or None
    if (word := _text(severity)) and severity not in set(Severity):
        known = words.find(word) or _severity(payload, words)
        yield "severity", known
        yield "unread_severity", None if known else word
    if _rank(payload.get("impact")):  # a service desk's, and nothing for people to read
        yield "impact", None


def _aliases(ours: dict[str, Any], payload: dict[str, Any], words: SeverityWords) -> Iterator[tuple[str, Any]]:
    for name, others in _TEXTS.items():
        yield name, next(filter(None, (_text(payload.get(other)) for other in others)), "")
    identity = _text(payload.get("correlation_id"))
    yield "fingerprint", identity if len(identity) <= SHORT_LIMIT else digest(identity)
    kind = _type(payload, has_identity=bool(identity or ours.get("fingerprint") or ours.get("key")))
    yield "type", kind
    if kind is EventType.NO_LONGER_REPORTED and _is_empty(payload.get("type")):
        yield "state_reason", _reason(payload)
    severity = _severity(payload, words)
    yield "severity", severity
    yield "unread_severity", None if severity or payload.get("severity") else _text(payload.get("priority"))
    yield "occurred_at", moment(payload.get("opened_at"))
    yield "resolved_at", moment(payload.get("closed_at"))
    yield "resources", list(filter(None, [_text(payload.get("cmdb_ci"))]))
    yield "links", list(filter(None, [link(_text(payload.get(name)), "") for name in ("link", "url")]))


def _text(value: object) -> str:
    """A reference to another record of a service desk is an object that carries its name."""
    if isinstance(value, dict):
        value = value.get("display_value")
    return clean_line(str(value)) if isinstance(value, str | int | float) and not isinstance(value, bool) else ""


def _rank(value: object) -> int | None:
    read = _RANK.fullmatch(_text(value))
    return int(read[1]) if read else None


def _severity(payload: dict[str, Any], words: SeverityWords) -> Severity | None:
    """The priority, or what urgency and impact make of it."""
    priority = payload.get("priority")
    named = _rank(priority) or words.find(_text(priority))
    ranks = [rank for rank in (_rank(payload.get("urgency")), _rank(payload.get("impact"))) if rank]
    if not named and not ranks:
        return words.find(_text(payload.get("urgency")))
    return Severity(named) if named else service_desk.priority(ranks)


def _type(payload: dict[str, Any], *, has_identity: bool) -> EventType | None:
    state = _state(payload) or (_status(payload) if has_identity else "")
    named = next((kind for kind, states in _STATES.items() if state in states), None)
    if state in service_desk.CANCELED or (has_identity and is_vanished(state)):
        return EventType.NO_LONGER_REPORTED
    # Somebody who is at work on what cannot be told from others is no reason to refuse what they say.
    return named if has_identity or named is EventType.RESOLVE else None


def _state(payload: dict[str, Any]) -> str:
    return _text(payload.get("state")).lower()


def _status(payload: dict[str, Any]) -> str:
    status = _text(payload.get("status")).lower()
    return status if status in _STATUSES else ""


def _reason(payload: dict[str, Any]) -> str:
    return "canceled" if _state(payload) in service_desk.CANCELED else _text(payload.get("state"))
