"""Zabbix 6 and 7, by the media type of `zabbix_template.json` imported into it."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Annotated

from pydantic import AfterValidator, Field, ValidationError

from worker.alerts.affected import titled
from worker.alerts.fields import Part, Words, digest, labels, paragraphs, without_secret
from worker.alerts.format import Format, Ignored, NotThisFormat
from worker.alerts.links import links
from worker.alerts.severities import SeverityWords
from worker.alerts.template import Template, unset_is_absent
from worker.alerts.timestamps import moment
from worker.alerts.unmeasured import doubted
from worker.domain.errors import Undecodable
from worker.domain.event import DetectionSource, Event, EventType, Severity
from worker.domain.lenient_json import read_lenient
from worker.domain.text import clean_line

NAME = "zabbix"
SCHEMA = "tocsin-zabbix/1"
SECRET = "tocsin_key"  # noqa: S105 (the name of the field)
_TEMPLATE = Template(NAME, SCHEMA, "import worker/alerts/formats/zabbix_template.json as a media type")
_TEST = Ignored("A test of Zabbix's media type has arrived, with no macro filled in; it launches nothing.")
_UNKNOWN = Ignored("Zabbix reports that a problem is over, and does not say which one.")
# `{EVENT.ID}` and `{$ZABBIX.URL}` where Zabbix found nothing to put there.
_UNSET = re.compile(r"\{[$#]?[A-Z0-9_.:]{1,100}\}|\*UNKNOWN\*")
# Zabbix counts upwards; what is not classified says nothing, and its warning is less than its average.
_SEVERITIES = {
    "5": Severity.CRITICAL,
    "4": Severity.HIGH,
    "3": Severity.MEDIUM,
    "2": Severity.LOW,
    "warning": Severity.LOW,
    "1": Severity.INFORMATION,
    "0": Severity.MEDIUM,
    "not classified": Severity.MEDIUM,
}
_OF_ITSELF = "3"  # internal events: an item that is not supported, a trigger that is not known
_ACKNOWLEDGED = re.compile(r"\backnowledged\b")
_NO_DATA = re.compile(r"\bnodata\([^()]{0,500}\)\s{0,10}(=|<>)?\s{0,10}([01])?")
_EITHER = re.compile(r"\)[^()]{0,500}\bor\b")
_AFFECTED = (
    "filesystem",
    "disk",
    "interface",
    "namespace",
    "pod",
    "node",
    "database",
    "queue",
    "application",
    "target",
)


def _parse(payload: object, words: SeverityWords) -> Sequence[Event | Ignored]:
    """The one event of a call; raises NotThisFormat, naming the field."""
    try:
        alert = _Alert.model_validate(payload)
        _TEMPLATE.check(alert.template)
        return [_finding(alert, payload, words)]
    except ValidationError as error:
        raise NotThisFormat.because(NAME, error) from None


FORMAT = Format(
    name=NAME,
    parse=_parse,
    mark=_TEMPLATE.mark,
    words=_SEVERITIES,
    minimum={"schema": SCHEMA, "event_name": "Disk space is low"},
)


_Macro = Annotated[Words, AfterValidator(unset_is_absent(_UNSET))]


class _Alert(Part, alias_generator=None):
    template: _Macro = Field(default="", alias="schema")
    subject: _Macro = ""
    message: _Macro = ""
    event_id: _Macro = ""
    event_source: _Macro = ""
    event_value: _Macro = ""
    event_status: _Macro = ""
    event_name: _Macro = ""
    event_nseverity: _Macro = ""
    event_severity: _Macro = ""
    event_opdata: _Macro = ""
    event_tags: _Macro = ""
    event_timestamp: _Macro = ""
    event_date: _Macro = ""
    event_time: _Macro = ""
    recovery_timestamp: _Macro = ""
    recovery_date: _Macro = ""
    recovery_time: _Macro = ""
    update_status: _Macro = ""
    update_action: _Macro = ""
    update_message: _Macro = ""
    trigger_id: _Macro = ""
    trigger_name: _Macro = ""
    trigger_description: _Macro = ""
    trigger_expression: _Macro = ""
    trigger_expression_recovery: _Macro = ""
    trigger_url: _Macro = ""
    item_id: _Macro = ""
    item_name: _Macro = ""
    host_name: _Macro = ""
    host_ip: _Macro = ""
    host_groups: _Macro = ""
    service_name: _Macro = ""
    zabbix_url: _Macro = ""

    @property
    def name(self) -> str:
        named = (self.event_name, self.trigger_name, self.item_name, self.service_name, self.subject)
        found = next(filter(None, map(clean_line, named)), "")
        return f"{found} cannot be measured" if found and self.event_source == _OF_ITSELF else found

    @property
    def type(self) -> EventType:
        if self.has_ended:
            return EventType.NO_LONGER_REPORTED if _is_silence(self.trigger_expression_recovery) else EventType.RESOLVE
        is_acknowledged = self.update_status == "1" and _ACKNOWLEDGED.search(self.update_action[:1_000])
        return EventType.ACKNOWLEDGE if is_acknowledged and self.fingerprint else EventType.TRIGGER

    @property
    def has_ended(self) -> bool:
        """An update, such as that somebody closes it, is no end: the recovery follows by itself."""
        return self.event_value == "0" or (not self.event_value and self.event_status.upper() in {"OK", "RESOLVED"})

    @property
    def has_no_data(self) -> bool:
        return self.event_source == _OF_ITSELF or _is_silence(self.trigger_expression)

    @property
    def tagged(self) -> list[tuple[str, str]]:
        """A tag without a value is its own."""
        return [(name, value or name) for name, value in _tags(self.event_tags) if name]

    @property
    def fingerprint(self) -> str:
        """One trigger may have a problem for each value of its tags; what has no trigger is known by its event."""
        watched = self.trigger_id or self.item_id or self.service_name or self.event_id
        return digest([self.zabbix_url, self.event_source, watched, sorted(self.tagged)]) if watched else ""


def _is_silence(expression: str) -> bool:
    """Whether it holds because nothing was measured; where it may hold for another reason too, nobody can tell."""
    found = _NO_DATA.findall(expression[:10_000])
    return any(told not in {("=", "0"), ("<>", "1")} for told in found) and not _EITHER.search(expression[:10_000])


def _tags(told: str) -> Iterator[tuple[str, str]]:
    """Of `{EVENT.TAGSJSON}`, or of `{EVENT.TAGS}`."""
    try:
        listed = read_lenient(told.encode(errors="replace"))
    except Undecodable:
        listed = None
    if isinstance(listed, list):
        found = (each for each in listed if isinstance(each, Mapping))
        yield from (
            (clean_line(str(each.get("tag") or "")), clean_line(str(each.get("value") or ""))) for each in found
        )
        return
    for part in told.split(","):
        name, _, value = part.partition(":")
        yield clean_line(name), clean_line(value)


def _finding(alert: _Alert, payload: object, words: SeverityWords) -> Event | Ignored:
    if not alert.name:
        return _TEST
    if alert.has_ended and not alert.fingerprint:
        return _UNKNOWN
    said = words.said(alert.event_nseverity, alert.event_severity)
    affected = tuple(_affected(alert))
    event = Event(
        title=titled(alert.name, affected),
        severity=said.severity,
        unread_severity=said.unread,
        service=next((value for name, value in alert.tagged if name.lower() == "service"), ""),
        description=paragraphs(_paragraphs(alert)),
        detection_source=DetectionSource.MONITORING,
        occurred_at=_moment(alert.event_timestamp, alert.event_date, alert.event_time),
        source=NAME,
        fingerprint=alert.fingerprint,
        links=links(_links(alert)),
        resources=affected,
        labels=labels(_labels(alert)),
        raw=without_secret(payload, SECRET),
        **_state(alert),
    )
    return doubted(event, "Zabbix") if event.type is EventType.TRIGGER and alert.has_no_data else event


def _state(alert: _Alert) -> dict[str, object]:
    if not alert.has_ended:
        return {"type": alert.type}
    return {
        "type": alert.type,
        "state_reason": "nodata" if alert.type is EventType.NO_LONGER_REPORTED else "",
        "resolved_at": _moment(alert.recovery_timestamp, alert.recovery_date, alert.recovery_time),
    }


def _affected(alert: _Alert) -> Iterator[str]:
    tagged = {name.lower(): value for name, value in alert.tagged}
    found = (clean_line(alert.host_name), *(tagged.get(name, "") for name in _AFFECTED), clean_line(alert.service_name))
    yield from dict.fromkeys(filter(None, found))


def _paragraphs(alert: _Alert) -> Iterator[str]:
    yield f"Measured: {alert.event_opdata}" if alert.event_opdata else ""
    yield alert.trigger_description
    yield f"Update: {alert.update_message or alert.update_action}" if alert.update_status == "1" else ""
    # It says the same in other words, but for what has no name of its own.
    yield "" if alert.event_name else alert.message


def _moment(timestamp: str, date: str, time: str) -> datetime | None:
    """Zabbix 7 tells seconds since 1970; Zabbix 6 the date, in the time zone of the user that it sends as."""
    return moment(timestamp) or (moment(f"{date.replace('.', '-')}T{time}") if date and time else None)


def _links(alert: _Alert) -> Iterator[tuple[str, str]]:
    if alert.zabbix_url and alert.trigger_id and alert.event_id:
        query = f"triggerid={alert.trigger_id}&eventid={alert.event_id}"
        yield f"{alert.zabbix_url.rstrip('/')}/tr_events.php?{query}", "Problem in Zabbix"
    yield alert.trigger_url, "Link of the trigger"


def _labels(alert: _Alert) -> Iterator[tuple[str, str]]:
    yield "event", alert.event_id
    yield "trigger", alert.trigger_id
    yield "item", alert.item_name
    yield "groups", alert.host_groups
    yield "ip", alert.host_ip
    yield from alert.tagged
