"""CloudEvents 1.0 in their structured form, one or a batch, whatever alert they carry."""

import base64
import binascii
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any

from pydantic import AfterValidator, AliasChoices, ConfigDict, Field, StringConstraints, ValidationError

from worker.alerts.affected import titled
from worker.alerts.cloudevents_types import State, is_about_check, said_by, state_of
from worker.alerts.details import readable
from worker.alerts.event_grid.notice import Notice
from worker.alerts.event_grid.reading import is_of_azure, read_notice
from worker.alerts.fields import Enriching, Part, digest, labels
from worker.alerts.format import Format, Ignored, Mark, NotThisFormat, recognised, up_to_limit
from worker.alerts.formats import native
from worker.alerts.links import links
from worker.alerts.severities import Severities, SeverityWords
from worker.alerts.timestamps import AlertMoment
from worker.alerts.unmeasured import doubted
from worker.domain.errors import Undecodable
from worker.domain.event import DetectionSource, Event, EventType
from worker.domain.lenient_json import is_json, read_lenient
from worker.domain.text import SHORT_LIMIT, clean_line
from worker.domain.validation import Fault

NAME = "cloudevents"
_CARRIED = ("data", "data_base64")
_OLDER = re.compile(r"[0-9]{1,2}\.[0-9]{1,2}(?:-[a-z0-9.]{1,10})?")
_SWITCH = "let the sender send CloudEvents 1.0, as the SDKs of today do"
_TITLES = ("title", "summary", "name")
# What Dapr makes of whatever is published with it that is not declared as a CloudEvent.
_OF_DAPR = "com.dapr.event.sent"
_FIRST_VERSION = "cloudEventsVersion"  # 0.1 alone calls it so
_MARK = Mark(
    "specversion",
    lambda payload: "specversion" in payload or isinstance(payload.get(_FIRST_VERSION), str),
    in_lists=True,
)
_MINIMUM = {
    "specversion": "1.0",
    "id": "1",
    "source": "/checkout",
    "type": "com.contoso.alert.fired",
    "datacontenttype": "text/plain",
    "data_base64": "Q2hlY2tvdXQgaXMgZG93bg==",
}


def carrying(formats: Sequence[Format]) -> Format:
    """The format; what an event carries is read as one of these if it bears its mark."""
    readable_as = (*formats, native.FORMAT)

    def parse(payload: object, words: SeverityWords) -> Sequence[Event | Ignored]:
        if not isinstance(payload, list):
            return _findings(payload, words, readable_as)
        return up_to_limit(lambda each, place: _findings(each, words, readable_as, before=f"{place}."), payload)

    return Format(name=NAME, parse=parse, mark=_MARK, minimum=_MINIMUM)


def _findings(
    payload: object, words: SeverityWords, formats: Sequence[Format], before: str = ""
) -> Sequence[Event | Ignored]:
    """Raises NotThisFormat, naming the field and its place in a batch."""
    try:
        envelope = _Envelope.model_validate(payload)
        if (within := _published_with_dapr(envelope)) is not None:
            return _findings(within, words, formats, before="data.")
        return [
            _enveloped(found, envelope, payload, place) if isinstance(found, Event) else found
            for place, found in enumerate(_carried(envelope, words, formats))
        ]
    except ValidationError as error:
        refusal = NotThisFormat.because(NAME, error)
    except NotThisFormat as error:
        refusal = error
    raise NotThisFormat(NAME, [Fault(f"{before}{fault.field}", fault.message) for fault in refusal.faults])


def _published_with_dapr(envelope: "_Envelope") -> object:
    """The CloudEvent that somebody else wrote, in the one that Dapr put around it; None where there is none."""
    within = envelope.data
    is_wrapped = envelope.type == _OF_DAPR and isinstance(within, Mapping) and _MARK.is_borne_by(within)
    return within if is_wrapped and within.get("type") != _OF_DAPR else None


def _version(value: str) -> str:
    if value.partition(".")[0] == "1":
        return value
    older = _OLDER.fullmatch(value)
    raise ValueError(f"is {older.group()}, and 1.0 is read: {_SWITCH}" if older else "must be 1.0")


_Named = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


class _Envelope(Part):
    model_config = ConfigDict(alias_generator=None)

    specversion: Annotated[
        str, AfterValidator(_version), Field(validation_alias=AliasChoices("specversion", _FIRST_VERSION))
    ]
    id: _Named
    source: _Named
    type: _Named
    subject: Enriching[str] = None
    time: AlertMoment = None
    severity: Enriching[str] = None  # an extension that some senders use
    datacontenttype: Enriching[str] = None
    data: Any = None
    data_base64: Enriching[str] = None


def _data(envelope: _Envelope) -> object:
    if envelope.data_base64 is None:
        return envelope.data
    try:
        content = base64.b64decode(envelope.data_base64, validate=True)
    except (binascii.Error, ValueError):
        raise NotThisFormat(NAME, [Fault("data_base64", "is not base 64")]) from None
    if is_json(envelope.datacontenttype or ""):
        try:
            return read_lenient(content)
        except Undecodable as error:
            raise NotThisFormat(NAME, [Fault("data_base64", str(error))]) from None
    return content.decode(errors="replace")


def _carried(envelope: _Envelope, words: SeverityWords, formats: Sequence[Format]) -> Sequence[Event | Ignored]:
    data = _data(envelope)
    # An envelope within an envelope is taken for data of nobody's format.
    known = None if _MARK.is_borne_by(data) else recognised(data, formats)
    if (known is None or known is native.FORMAT) and is_of_azure(envelope.type):
        return [read_notice(_notice(envelope, data), words)]
    if known is None or known is native.FORMAT:
        ours = _native(data, words.severities) if known else None
        return [_told(ours or _described(envelope, data), envelope, data, words)]
    try:
        return known.read(data, words.severities, words.service_labels)
    except NotThisFormat as refusal:
        faults = [Fault(f"data.{fault.field}", fault.message) for fault in refusal.faults]
        raise NotThisFormat(NAME, faults) from None


def _notice(envelope: _Envelope, data: object) -> Notice:
    """What a service of Azure tells by Event Grid."""
    details = data if isinstance(data, Mapping) else {}
    return Notice(envelope.type, envelope.source, envelope.subject or "", envelope.time, details)


def _told(event: Event, envelope: _Envelope, data: object, words: SeverityWords) -> Event:
    """With what its envelope says where the event itself says nothing."""
    details = data if isinstance(data, Mapping) else {}
    state = _state(envelope, details) or State(event.type, event.state_reason)
    told: dict[str, Any] = {
        "type": state.type,
        "state_reason": state.reason,
        "title": _title(event, envelope),
        "source": event.source or envelope.source,
        "fingerprint": event.fingerprint or _fingerprint(envelope),
        "links": event.links or links((str(details.get(name) or ""), "Source") for name in ("link", "url")),
        **_times(event, state.type, envelope.time),
    }
    if "severity" not in event.model_fields_set:
        severity = words.said(envelope.severity, _word(details.get("severity")))
        told |= {"severity": severity.severity, "unread_severity": severity.unread}
    if "detection_source" not in event.model_fields_set:
        told["detection_source"] = DetectionSource.MONITORING
    found = event.model_copy(update=told)
    return found if state.has_data else doubted(found, envelope.source)


def _title(event: Event, envelope: _Envelope) -> str:
    """Who names an event of ours by a key has named it in its title as well."""
    return event.title if event.key or event.fingerprint else titled(event.title, event.resources or _subject(envelope))


def _subject(envelope: _Envelope) -> tuple[str, ...]:
    return tuple(filter(None, (envelope.subject,)))


def _state(envelope: _Envelope, details: Mapping[str, Any]) -> State | None:
    """What the type says is never overruled by the data."""
    of_check = is_about_check(envelope.type)
    told_by_data = (state_of(details.get(name), of_check=of_check) for name in ("state", "status"))
    return said_by(envelope.type).state or next(filter(None, told_by_data), None)


def _native(data: object, severities: Severities) -> Event | None:
    """Data is anybody's: a field that means something else there is no reason to refuse the alert."""
    try:
        return native.event_of(data, severities)
    except NotThisFormat:
        return None


def _described(envelope: _Envelope, data: object) -> Event:
    details = data if isinstance(data, Mapping) else {}
    named = next(filter(None, (clean_line(_word(details.get(name)) or "") for name in _TITLES)), "")
    return Event(title=named or ": ".join(filter(None, (envelope.type, envelope.subject))), description=readable(data))


def _word(value: object) -> str | None:
    return str(value) if isinstance(value, str | int) else None


def _times(event: Event, state: EventType, published_at: datetime | None) -> dict[str, datetime | None]:
    """The time of an event that ends something is not when that began."""
    match state:
        case EventType.TRIGGER:
            return {"occurred_at": event.occurred_at or published_at}
        case EventType.RESOLVE | EventType.NO_LONGER_REPORTED:
            return {"resolved_at": event.resolved_at or published_at}
        case _:
            return {}


def _enveloped(event: Event, envelope: _Envelope, payload: object, place: int) -> Event:
    """With what tells this event from every other: its source and id, by which a repetition is known."""
    known = labels(
        (
            ("event-source", _short(envelope.source)),
            ("event-id", _short(envelope.id)),
            ("event-type", envelope.type),
            ("event-subject", envelope.subject or ""),
            *event.labels.items(),
        )
    )
    told = {
        "resources": event.resources or _subject(envelope),
        "labels": known,
        "raw": _raw(payload, event),
    }
    if event.occurred_at is None:
        # Without a time, only this tells a repetition from another firing.
        told["call"] = digest([envelope.source, envelope.id, place])
    return Event(**dict(event) | told)


def _short(name: str) -> str:
    """Two long names that differ at their ends stay two."""
    return name if len(name) <= SHORT_LIMIT else digest(name)


def _fingerprint(envelope: _Envelope) -> str:
    """The same for the event that begins something and the one that ends it."""
    return digest([envelope.source, envelope.subject, said_by(envelope.type).about])


def _raw(payload: object, event: Event) -> object:
    """What a format leaves out of what it keeps, a secret, is not kept in its envelope either."""
    if event.raw is None or not isinstance(payload, Mapping):
        return payload
    return {name: value for name, value in payload.items() if name not in _CARRIED} | {"data": event.raw}
