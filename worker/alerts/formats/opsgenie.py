"""Opsgenie: its Alert API, as tools call it, and the webhook that tells what it does with its alerts."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any

from pydantic import AliasChoices, Field, StringConstraints, ValidationError

from worker.alerts.affected import affected_in, titled
from worker.alerts.details import readable
from worker.alerts.fields import Enriching, Part, Words, digest, first_of, labels, paragraphs, scalars, tag
from worker.alerts.format import Format, Ignored, Mark, NotThisFormat
from worker.alerts.links import links
from worker.alerts.relayed_state import measured
from worker.alerts.severities import SeverityWords
from worker.alerts.timestamps import AlertMoment
from worker.domain.event import DetectionSource, Event, EventType, Line
from worker.domain.markup import plain
from worker.domain.text import clean_line

NAME = "opsgenie"
_TYPES = {
    "create": EventType.TRIGGER,
    "acknowledge": EventType.ACKNOWLEDGE,
    "close": EventType.RESOLVE,
    # Whoever takes an alert away has not measured that it is over.
    "delete": EventType.NO_LONGER_REPORTED,
}
# What is said about an alert, and changes nothing of what it tells.
_REMARKS = frozenset(
    {
        "adddetails",
        "addnote",
        "addrecipient",
        "addresponder",
        "addtags",
        "addteam",
        "assignownership",
        "escalate",
        "escalatenext",
        "removedetails",
        "removetags",
        "snooze",
        "snoozeended",
        "takeownership",
        "unacknowledge",
    }
)
_REMARK = Ignored("Opsgenie tells what somebody did with an alert of its own, and not that anything fails or is over.")
_UNKNOWN = Ignored("Opsgenie reports that an alert was closed, acknowledged or deleted, and does not say which one.")
_POLICY = re.compile(r"auto.?clos|polic", re.IGNORECASE)
_OF_THE_API = frozenset({"alias", "responders", "visibleTo", "entity"})
_OF_OTHERS = frozenset({"title", "short_description", "summary", "subject"})


def _parse(payload: object, words: SeverityWords) -> Sequence[Event | Ignored]:
    """The one alert of a call; raises NotThisFormat, naming the field."""
    try:
        told = _Webhook.model_validate(payload if _is_webhook(payload) else _created(payload))
        return [_finding(told, payload, words)]
    except ValidationError as error:
        faults = NotThisFormat.because(NAME, error).faults
        at_top = [fault._replace(field=fault.field.removeprefix("alert").lstrip(".") or "body") for fault in faults]
        raise NotThisFormat(NAME, faults if _is_webhook(payload) else at_top) from None


def _is_webhook(payload: object) -> bool:
    return isinstance(payload, Mapping) and "alert" in payload


def _created(payload: object) -> dict[str, Any]:
    """What `POST /v2/alerts` takes."""
    return {"action": "Create", "alert": payload}


def _is_borne_by(payload: Mapping[str, Any]) -> bool:
    if isinstance(payload.get("alert"), Mapping):
        return "alertId" in payload["alert"]
    return (
        isinstance(payload.get("message"), str)
        and not payload.keys().isdisjoint(_OF_THE_API)
        and payload.keys().isdisjoint(_OF_OTHERS)
    )


FORMAT = Format(
    name=NAME,
    parse=_parse,
    mark=Mark("alert.alertId, or message with alias, responders, visibleTo or entity", _is_borne_by),
    minimum={"alert": {"message": "Checkout is down"}},
)


def call_on(identifier: str, action: str, said: object) -> dict[str, Any]:
    """A call of the Alert API on the alert with this alias, as a payload; `said`: the body of the call."""
    about = said if isinstance(said, Mapping) else {}
    alert = {"alias": identifier, "message": identifier, "source": about.get("source")}
    return {"action": action, "alert": alert, "note": about.get("note"), "user": about.get("user")}


class _Part(Part, alias_generator=None):
    pass


class _Named(_Part):
    name: Words = ""
    type: Words = ""


class _Alert(_Part):
    message: Annotated[Line, StringConstraints(min_length=1)]
    alert_id: Words = Field(default="", alias="alertId")
    alias: Words = ""
    tiny_id: Words = Field(default="", alias="tinyId")
    description: Words = ""
    note: Words = ""
    entity: Words = ""
    source: Words = ""
    priority: Words = ""
    tags: Enriching[tuple[Enriching[str], ...]] = None
    details: Enriching[dict[str, Any]] = None
    responders: Annotated[
        Enriching[tuple[Enriching[_Named], ...]],
        Field(validation_alias=AliasChoices("responders", "teams")),
    ] = None
    created_at: AlertMoment = Field(default=None, alias="createdAt")
    updated_at: AlertMoment = Field(default=None, alias="updatedAt")

    @property
    def told(self) -> dict[str, str]:
        return scalars(self.details)

    @property
    def fingerprint(self) -> str:
        """Its alias in the account, by which tools close what they have created."""
        named = self.alias or self.alert_id
        return digest(["alias", named]) if named else ""

    @property
    def affected(self) -> list[str]:
        return list(dict.fromkeys(filter(None, (clean_line(self.entity), *affected_in(self.told)))))

    @property
    def service(self) -> str:
        """What a sender names so; else the first team that is to respond."""
        teams = (each.name for each in self.responders or () if each and each.type in ("team", ""))
        return first_of(self.told, "service", "Service") or next(filter(None, teams), "")


class _Webhook(_Part):
    action: Words = ""
    source: Enriching[_Named] = None  # who did it
    note: Words = ""
    alert: _Alert

    @property
    def is_by_policy(self) -> bool:
        """Time alone closed it."""
        return self.source is not None and _POLICY.search(f"{self.source.type} {self.source.name}"[:200]) is not None


def _finding(told: _Webhook, payload: object, words: SeverityWords) -> Event | Ignored:
    alert, kind = told.alert, _TYPES.get(told.action.lower(), EventType.TRIGGER)
    if kind is EventType.RESOLVE and told.is_by_policy:
        kind = EventType.NO_LONGER_REPORTED
    if told.action.lower() in _REMARKS:
        return _REMARK
    if kind is not EventType.TRIGGER and not alert.fingerprint:
        return _UNKNOWN
    said = words.said(alert.priority)
    event = Event(
        type=kind,
        title=titled(alert.message, alert.affected),
        severity=said.severity,
        unread_severity=said.unread,
        service=alert.service,
        description=paragraphs((plain(alert.description), readable(alert.details or {}), told.note)),
        detection_source=DetectionSource.MONITORING,
        occurred_at=alert.created_at,
        resolved_at=alert.updated_at if kind in (EventType.RESOLVE, EventType.NO_LONGER_REPORTED) else None,
        state_reason=_reason(told) if kind is EventType.NO_LONGER_REPORTED else "",
        source=NAME,
        fingerprint=alert.fingerprint,
        links=links((value, name) for name, value in alert.told.items()),
        resources=tuple(alert.affected),
        labels=labels(_labels(alert)),
        raw=payload,
    )
    return measured(event, alert.details or alert.description)


def _reason(told: _Webhook) -> str:
    return "closed by a policy" if told.is_by_policy else "deleted"


def _labels(alert: _Alert) -> Iterator[tuple[str, str]]:
    yield "alias", alert.alias
    yield "alert", alert.alert_id
    yield "number", alert.tiny_id
    yield "source", alert.source
    yield from alert.told.items()
    yield from map(tag, filter(None, alert.tags or ()))
