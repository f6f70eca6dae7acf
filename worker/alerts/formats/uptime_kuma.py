"""Uptime Kuma's webhook with its preset body, `application/json`."""

import re
from collections.abc import Iterator, Mapping, Sequence
from enum import IntEnum
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import BeforeValidator, Field, ValidationError

from worker.alerts.affected import titled
from worker.alerts.fields import Enriching, Part, Words, digest, labels, paragraphs
from worker.alerts.format import Format, Ignored, Mark, NotThisFormat
from worker.alerts.links import links
from worker.alerts.severities import SeverityWords
from worker.alerts.timestamps import AlertMoment
from worker.alerts.unmeasured import doubted
from worker.domain.event import DetectionSource, Event, EventType
from worker.domain.text import clean_line

NAME = "uptime-kuma"
_FIELDS = frozenset({"heartbeat", "monitor", "msg"})
_NAMES_END = 3_000
_TEST = Ignored("A test of Uptime Kuma's notification has arrived; it tells of no fault, and launches nothing.")
_PENDING = Ignored("Uptime Kuma tries again before it calls the monitor down; that is told by itself.")
_UNKNOWN = Ignored("Uptime Kuma reports that a monitor is up or under maintenance, and does not say which one.")
# What a monitor is set up with lets others in, or report in its name.
_SECRETS = re.compile(r"auth|body|connection|headers|metadata|pass|sasl|secret|tls|token", re.IGNORECASE)
# A name and password in an address.
_CREDENTIALS = re.compile(r"(?<=://)[^/\s\"@]{1,500}@")
# The days of a certificate are fewer each time that it is told.
_NUMBER = re.compile(r"\d+")
# `[name][address]`, as a notice about a certificate begins.
_ADDRESS = re.compile(r"\]\[(https?://[^\]\s]{1,2000})\]")


class _Status(IntEnum):
    DOWN = 0
    UP = 1
    PENDING = 2
    MAINTENANCE = 3


def _parse(payload: object, words: SeverityWords) -> Sequence[Event | Ignored]:
    """The one notification of a call; raises NotThisFormat, naming the field."""
    try:
        notification = _Notification.model_validate(payload)
    except ValidationError as error:
        raise NotThisFormat.because(NAME, error) from None
    if notification.heartbeat is None:
        return [_told_by_words(notification, payload)]
    return [_told_by_heartbeat(notification, notification.heartbeat, payload, words)]


FORMAT = Format(
    name=NAME,
    parse=_parse,
    mark=Mark(f"{', '.join(sorted(_FIELDS))}", lambda payload: payload.keys() >= _FIELDS),
    minimum={"heartbeat": {"status": 0}},
)


def _status(value: object) -> object:
    if isinstance(value, bool) or value not in set(_Status):
        raise ValueError("must be 0 (down), 1 (up), 2 (pending) or 3 (maintenance)")
    return value


class _Part(Part, alias_generator=None):
    pass


class _Heartbeat(_Part):
    status: Annotated[_Status, BeforeValidator(_status)]
    monitor_id: Words = Field(default="", alias="monitorID")
    time: AlertMoment = None
    msg: Words = ""


class _Tag(_Part):
    name: Words = ""
    value: Words = ""


class _Monitor(_Part):
    id: Words = ""
    name: Words = ""
    path_name: Words = Field(default="", alias="pathName")  # with the groups that it is in
    description: Words = ""
    type: Words = ""
    url: Words = ""
    hostname: Words = ""
    port: Words = ""
    tags: Enriching[tuple[Enriching[_Tag], ...]] = None

    @property
    def tagged(self) -> dict[str, str]:
        """A tag without a value is its own."""
        return {tag.name.lower(): tag.value or tag.name for tag in self.tags or () if tag and tag.name}

    @property
    def host(self) -> str:
        """What is reached: the host of its address, or its host and port; empty for one that is reported to."""
        named = f"{self.hostname}:{self.port}" if self.hostname and self.port not in ("", "0") else self.hostname
        return clean_line(named or _host(self.url))

    @property
    def is_reported_to(self) -> bool:
        return self.type == "push"


class _Notification(_Part):
    heartbeat: _Heartbeat | None = None
    monitor: Enriching[_Monitor] = None
    msg: Words = ""


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def _told_by_words(notification: _Notification, payload: object) -> Event | Ignored:
    """What has no heartbeat is a certificate or a domain that expires, or a test."""
    said = clean_line(notification.msg)
    address = next(iter(_ADDRESS.findall(said[:_NAMES_END])), "")
    if said.endswith("Testing"):
        return _TEST
    return Event(
        title=said or "Notification of Uptime Kuma",
        detection_source=DetectionSource.MONITORING,
        source=NAME,
        fingerprint=digest(["notice", _NUMBER.sub("", said)]) if said else "",
        links=links([(address, "What is monitored")]),
        resources=tuple(filter(None, [_host(address)])),
        raw=_without_secrets(payload),
    )


def _told_by_heartbeat(
    notification: _Notification, heartbeat: _Heartbeat, payload: object, words: SeverityWords
) -> Event | Ignored:
    monitor = notification.monitor or _Monitor()
    identity = _identity(monitor, heartbeat)
    if heartbeat.status is _Status.PENDING:
        return _PENDING
    if heartbeat.status is not _Status.DOWN and not identity:
        return _UNKNOWN
    said = words.said(monitor.tagged.get("severity"), monitor.tagged.get("priority"))
    affected = tuple(filter(None, (monitor.host, clean_line(monitor.name))))
    event = Event(
        title=titled(f"{clean_line(monitor.name) or 'A monitor'} is {_spoken(heartbeat.status)}", affected),
        severity=said.severity,
        unread_severity=said.unread,
        service=monitor.tagged.get("service", ""),
        description=paragraphs((heartbeat.msg or notification.msg, monitor.description)),
        detection_source=DetectionSource.MONITORING,
        source=NAME,
        fingerprint=identity,
        links=links([(monitor.url, "What is monitored")] if "@" not in monitor.url else []),
        resources=affected,
        labels=labels(_labels(monitor)),
        raw=_without_secrets(payload),
        **_state(heartbeat),
    )
    return doubted(event, "Uptime Kuma") if _is_silence(monitor, heartbeat) else event


def _state(heartbeat: _Heartbeat) -> dict[str, Any]:
    match heartbeat.status:
        case _Status.UP:
            return {"type": EventType.RESOLVE, "resolved_at": heartbeat.time}
        case _Status.MAINTENANCE:  # as long as that lasts it is not looked at
            return {
                "type": EventType.NO_LONGER_REPORTED,
                "resolved_at": heartbeat.time,
                "state_reason": "maintenance",
            }
        case _:
            return {"occurred_at": heartbeat.time}


def _identity(monitor: _Monitor, heartbeat: _Heartbeat) -> str:
    """Every installation begins to count at one: what is watched tells them apart, or else its name."""
    number = monitor.id or heartbeat.monitor_id
    watched = [monitor.type, monitor.host, "" if monitor.is_reported_to else monitor.url]
    return digest([number, *watched, "" if monitor.host else monitor.name]) if number or monitor.name else ""


def _is_silence(monitor: _Monitor, heartbeat: _Heartbeat) -> bool:
    """What reports by itself has not: nobody looked whether it is well."""
    return heartbeat.status is _Status.DOWN and monitor.is_reported_to and "no heartbeat" in heartbeat.msg.lower()


def _spoken(status: _Status) -> str:
    return "under maintenance" if status is _Status.MAINTENANCE else status.name.lower()


def _labels(monitor: _Monitor) -> Iterator[tuple[str, str]]:
    yield "monitor", monitor.id
    yield "type", monitor.type
    yield "path", monitor.path_name
    yield from monitor.tagged.items()


def _without_secrets(payload: object) -> object:
    monitor = payload.get("monitor") if isinstance(payload, Mapping) else None
    if not isinstance(payload, Mapping) or not isinstance(monitor, Mapping):
        return payload
    kept = {name: _without_credentials(value) for name, value in monitor.items() if not _SECRETS.search(name[:100])}
    return {**payload, "monitor": kept}


def _without_credentials(value: object) -> object:
    if isinstance(value, list):
        return [_without_credentials(each) if isinstance(each, str) else each for each in value]
    return _CREDENTIALS.sub("", value) if isinstance(value, str) else value
