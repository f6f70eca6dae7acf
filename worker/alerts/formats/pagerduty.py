"""PagerDuty's Events API v2, as tools send it to raise, acknowledge and resolve an alert."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any

from pydantic import BeforeValidator, ConfigDict, Field, StringConstraints, ValidationError

from worker.alerts.affected import titled
from worker.alerts.details import readable
from worker.alerts.fields import Enriching, Part, Words, digest, labels, without_secret
from worker.alerts.format import Format, Ignored, Mark, NotThisFormat
from worker.alerts.links import links
from worker.alerts.relayed_state import measured
from worker.alerts.severities import SeverityWords
from worker.alerts.timestamps import AlertMoment
from worker.domain.event import DetectionSource, Event, EventType, Line, Severity
from worker.domain.text import clean_line
from worker.domain.validation import Fault

NAME = "pagerduty"
# The key of an integration lets anybody raise alerts in its name: it opens the door, and goes no further.
SECRET = "routing_key"  # noqa: S105 (the name of the field)
_ACTIONS = (EventType.TRIGGER, EventType.ACKNOWLEDGE, EventType.RESOLVE)
_DEDUP_KEY_LIMIT = 255
_SWITCH = "send Events API v2, to /v2/enqueue"
_LAUNCHED = f"which tells what PagerDuty has launched already: let the systems that alert PagerDuty {_SWITCH}"
# What else is PagerDuty's and can be taken for an event, by the field that tells it.
_OTHERS = {
    "event_type": f"is of PagerDuty's Events API v1: {_SWITCH}, with the service_key as its {SECRET}",
    "event.event_type": f"is of PagerDuty's webhook v3, {_LAUNCHED}",
    "messages": f"is of PagerDuty's webhook v2, {_LAUNCHED}",
}
_CHANGE = Ignored("A change event tells what was changed and not that anything fails; it launches nothing.")


def _parse(payload: object, words: SeverityWords) -> Sequence[Event | Ignored]:
    """The one event of a call; raises NotThisFormat, naming the field."""
    if other := of_another_version(payload):
        raise NotThisFormat(NAME, [other])
    if _is_change(payload):
        return [_CHANGE]
    try:
        action = _Action.model_validate(payload).event_action
        alert = (_Trigger if action is EventType.TRIGGER else _FollowUp).model_validate(payload)
        return [_event(alert, payload, words)]
    except ValidationError as error:
        raise NotThisFormat.because(NAME, error) from None


FORMAT = Format(
    name=NAME,
    parse=_parse,
    mark=Mark(
        f"two of event_action, {SECRET} and payload",
        lambda payload: (
            len(payload.keys() & {"event_action", SECRET, "payload"}) > 1 or of_another_version(payload) is not None
        ),
    ),
    words={"info": Severity.LOW},
    minimum={"event_action": "trigger", "dedup_key": "disk-db-3", "payload": {"summary": "The disk of db-3 is full"}},
)


def of_another_version(payload: object) -> Fault | None:
    """What is PagerDuty's and not its Events API v2, by the name of its version and with what to send."""
    match payload:
        case {"event_type": str(), "service_key": _}:
            field = "event_type"
        case {"event": {"event_type": str(), "resource_type": _}}:
            field = "event.event_type"
        case {"messages": [{"event": str(), "incident": _}, *_]}:
            field = "messages"
        case _:
            return None
    return Fault(field, _OTHERS[field])


def _is_change(payload: object) -> bool:
    """PagerDuty takes these at another address, where an event has no action and a change no severity."""
    match payload:
        case {"event_action": "change"}:
            return True
        case {"event_action": _}:
            return False
        case {"payload": {"summary": _} as told}:
            return "severity" not in told
        case _:
            return False


def dedup_key(payload: object) -> str:
    """The one that was given; else made of all that was sent, so that a call that is repeated has the same."""
    given = payload.get("dedup_key") if isinstance(payload, Mapping) else None
    return str(given) if given else digest(payload)[:32]


def _action(value: object) -> object:
    action = value.strip().lower() if isinstance(value, str) else value
    if action not in _ACTIONS:
        raise ValueError("must be trigger, acknowledge or resolve")
    return action


class _Part(Part):
    model_config = ConfigDict(alias_generator=None)


class _Shown(_Part):
    """A link or an image."""

    href: Words = ""
    src: Words = ""
    text: Words = ""
    alt: Words = ""


class _Told(_Part):
    source: Enriching[str] = None
    severity: Enriching[str] = None
    timestamp: AlertMoment = None
    component: Enriching[str] = None
    group: Enriching[str] = None
    kind: Annotated[Enriching[str], Field(validation_alias="class")] = None
    custom_details: Any = None
    summary: Enriching[str] = None


class _ToldAtFirst(_Told):
    summary: Annotated[Line, StringConstraints(min_length=1)]


class _Action(_Part):
    event_action: Annotated[EventType, BeforeValidator(_action)]


class _Alert(_Action):
    dedup_key: Annotated[str | None, StringConstraints(max_length=_DEDUP_KEY_LIMIT)] = None
    routing_key: Enriching[str] = None
    client: Enriching[str] = None
    client_url: Enriching[str] = None
    links: Enriching[tuple[Enriching[_Shown], ...]] = None
    images: Enriching[tuple[Enriching[_Shown], ...]] = None
    payload: Enriching[_Told] = None


class _Trigger(_Alert):
    payload: _ToldAtFirst


class _FollowUp(_Alert):
    dedup_key: Annotated[str, StringConstraints(min_length=1, max_length=_DEDUP_KEY_LIMIT)]


def _event(alert: _Alert, payload: object, words: SeverityWords) -> Event:
    told, key = alert.payload or _Told(), dedup_key(payload)
    affected = tuple(dict.fromkeys(filter(None, (told.source, told.component))))
    said = words.said(told.severity)
    event = Event(
        type=alert.event_action,
        title=titled(clean_line(told.summary or "") or key, affected),
        severity=said.severity,
        unread_severity=said.unread,
        service=_service(told),
        description=readable(told.custom_details),
        detection_source=DetectionSource.MONITORING,
        source=NAME,
        # Two integrations may use the same dedup_key for different things.
        fingerprint=digest([alert.routing_key, key]),
        links=links(_shown(alert)),
        resources=affected,
        labels=labels(_named(alert, told, key)),
        raw=without_secret(payload, SECRET),
        **_times(alert.event_action, told.timestamp),
    )
    return measured(event, told.custom_details)


def _times(action: EventType, published_at: datetime | None) -> dict[str, datetime | None]:
    """What follows a trigger does not say when the alert began."""
    match action:
        case EventType.TRIGGER:
            return {"occurred_at": published_at}
        case EventType.RESOLVE:
            return {"resolved_at": published_at}
        case _:
            return {}


def _service(told: _Told) -> str:
    """What a sender names so; else the part that broke, before the machines it runs on."""
    details = told.custom_details if isinstance(told.custom_details, Mapping) else {}
    named = details.get("service")
    return (named if isinstance(named, str) else "") or told.component or told.group or ""


def _shown(alert: _Alert) -> Iterator[tuple[str, str]]:
    yield alert.client_url or "", alert.client or "Sender"
    yield from ((link.href, link.text) for link in alert.links or () if link)
    yield from ((image.href or image.src, image.alt or "Image") for image in alert.images or () if image)


def _named(alert: _Alert, told: _Told, key: str) -> Iterator[tuple[str, str]]:
    yield "dedup_key", key
    yield "source", told.source or ""
    yield "component", told.component or ""
    yield "group", told.group or ""
    yield "class", told.kind or ""
    yield "client", alert.client or ""
