"""ServiceNow's incident records, as a business rule sends them and as its Table API gives them."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote, urlsplit

from worker.alerts import service_desk
from worker.alerts.affected import titled
from worker.alerts.fields import digest, labels, paragraphs
from worker.alerts.format import Format, Ignored, Mark, NotThisFormat, up_to_limit
from worker.alerts.links import links
from worker.alerts.severities import ReadSeverity, SeverityWords
from worker.alerts.timestamps import moment
from worker.domain.event import URL_LIMIT, DetectionSource, Event, EventType
from worker.domain.markup import plain
from worker.domain.text import clean_line
from worker.domain.validation import Fault

NAME = "servicenow"
# What the system itself keeps of each record; the words that people write to the native form hold none of these.
_OF_SYSTEM = {"sys_class_name", "sys_created_on", "sys_updated_on", "sys_mod_count", "sys_domain"}
_NO_RECORD = Ignored("A record of the answer is no JSON object, and tells nothing.")
_RANK = re.compile(r"([1-5])(?:\D.{0,40})?")  # as `2` or `2 - High`
_STATES = {
    EventType.RESOLVE: service_desk.RESOLVED,
    EventType.NO_LONGER_REPORTED: service_desk.CANCELED,
}
_SOURCES = {
    "phone": DetectionSource.CUSTOMER_REPORT,
    "email": DetectionSource.CUSTOMER_REPORT,
    "walk-in": DetectionSource.EMPLOYEE,
    "self-service": DetectionSource.EMPLOYEE,
    "event": DetectionSource.MONITORING,
    "monitoring": DetectionSource.MONITORING,
}


def _parse(payload: object, words: SeverityWords) -> Sequence[Event | Ignored]:
    """Each record of a call; raises NotThisFormat, naming the field."""
    within = payload.get("result", payload) if isinstance(payload, Mapping) else payload
    if not isinstance(within, list):
        return [_finding(within, payload, words)]
    return up_to_limit(lambda each, _: [_of_answer(each, words)], within)


def _of_answer(record: object, words: SeverityWords) -> Event | Ignored:
    return _finding(record, record, words) if isinstance(record, Mapping) else _NO_RECORD


def _is_marked(payload: Mapping[str, Any]) -> bool:
    """The Table API puts a record, or several, into `result`."""
    within = payload.get("result")
    records = within if isinstance(within, list) else [within, payload]
    return any(isinstance(each, Mapping) and _is_record(each) for each in records)


def _is_record(record: Mapping[str, Any]) -> bool:
    return {"sys_id", "number"} <= record.keys() and bool(record.keys() & _OF_SYSTEM)


FORMAT = Format(
    name=NAME,
    parse=_parse,
    mark=Mark("sys_id and number with sys_class_name or sys_updated_on", _is_marked),
    minimum={"sys_id": "46d44a5d", "sys_class_name": "incident"},
)


def _text(record: Mapping[str, Any], name: str) -> str:
    """A field is its value, or an object of what people see and of what is stored."""
    value = record.get(name)
    shown = value.get("display_value") or value.get("value") if isinstance(value, Mapping) else value
    return str(shown).strip() if isinstance(shown, str | int | float) and not isinstance(shown, bool) else ""


def _line(record: Mapping[str, Any], name: str) -> str:
    return clean_line(_text(record, name))


def _stored(record: Mapping[str, Any], name: str) -> str:
    """What does not change with the language of whoever asks, else what people see."""
    value = record.get(name)
    given = [value.get("value"), value.get("display_value")] if isinstance(value, Mapping) else [value]
    kept = (clean_line(str(each)) for each in given if isinstance(each, str | int) and not isinstance(each, bool))
    return next(filter(None, kept), "")


def _finding(record: object, payload: object, words: SeverityWords) -> Event | Ignored:
    if not isinstance(record, Mapping):
        raise NotThisFormat(NAME, [Fault("body", "must be a JSON object")])
    kind = (_stored(record, "sys_class_name") or "incident").lower()
    if not (identity := _stored(record, "sys_id")):
        raise NotThisFormat(NAME, [Fault("sys_id", "must be the id of the record")])
    if kind != "incident":
        return Ignored(f"A record of the table {kind[:100]} is no incident; it launches nothing.")
    state, severity, affected = _state(record), _severity(record, words), _affected(record)
    ended = state is not EventType.TRIGGER
    return Event(
        type=state,
        title=titled(_line(record, "short_description") or _line(record, "number") or "ServiceNow incident", affected),
        severity=severity.severity,
        unread_severity=severity.unread,
        service=_shown(record, "business_service") or _shown(record, "assignment_group"),
        description=paragraphs(_paragraphs(record, ended=ended)),
        detection_source=_SOURCES.get(_stored(record, "contact_type").lower(), DetectionSource.SUPPORT),
        # ServiceNow keeps its times in UTC; what people see has the zone of whoever asks.
        occurred_at=moment(_stored(record, "opened_at")),
        resolved_at=_ended_at(record) if ended else None,
        state_reason=_line(record, "close_code") or "Canceled" if state is EventType.NO_LONGER_REPORTED else "",
        source=NAME,
        fingerprint=digest(identity.lower()),
        links=links(_links(record, identity)),
        resources=tuple(affected),
        labels=labels(_labels(record)),
        raw=payload,
    )


def _state(record: Mapping[str, Any]) -> EventType:
    """By the number where there is one; in progress and on hold are phases of what goes on."""
    told = {_stored(record, name).lower() for name in ("state", "incident_state")} | {_line(record, "state").lower()}
    # Canceled is the stronger: it is final as well, and says less.
    kinds = [kind for kind in reversed(_STATES) if told & _STATES[kind]]
    return kinds[0] if kinds else EventType.TRIGGER


def _ended_at(record: Mapping[str, Any]) -> Any:
    times = (moment(_stored(record, name)) for name in ("resolved_at", "closed_at", "sys_updated_on"))
    return next(filter(None, times), None)


def _severity(record: Mapping[str, Any], words: SeverityWords) -> ReadSeverity:
    """The priority, or what urgency and impact make of it."""
    said = (_stored(record, "priority"), _line(record, "priority"))
    ranks = [rank for name in ("urgency", "impact") if (rank := _rank(record, name))]
    if any(map(words.find, said)) or not ranks:
        return words.said(*said, *(_line(record, name) for name in ("urgency", "impact")))
    unread = next((word for name in ("priority", "urgency", "impact") if (word := _unread(record, name))), "")
    return ReadSeverity(service_desk.priority(ranks), unread)


def _unread(record: Mapping[str, Any], name: str) -> str:
    return "" if _rank(record, name) else _line(record, name)


def _rank(record: Mapping[str, Any], name: str) -> int | None:
    read = _RANK.fullmatch(_stored(record, name)) or _RANK.fullmatch(_line(record, name))
    return int(read[1]) if read else None


def _affected(record: Mapping[str, Any]) -> list[str]:
    named = (_shown(record, name) for name in ("cmdb_ci", "business_service", "location"))
    return list(dict.fromkeys(filter(None, named)))


def _shown(record: Mapping[str, Any], name: str) -> str:
    """A reference without its name is 32 digits that nobody knows."""
    shown = _line(record, name)
    return "" if re.fullmatch(r"[0-9a-f]{32}", shown) else shown


def _paragraphs(record: Mapping[str, Any], *, ended: bool) -> Iterator[str]:
    yield plain(_text(record, "description"))
    if ended:
        yield plain(_text(record, "close_notes"))


def _links(record: Mapping[str, Any], identity: str) -> Iterator[tuple[str, str]]:
    """The record's own page, on the instance that a reference of it leads to."""
    for name in ("url", "link"):
        yield _stored(record, name), "Incident in ServiceNow"
    for value in record.values():
        if isinstance(value, Mapping) and (host := _host(value.get("link"))):
            yield (
                f"https://{host}/nav_to.do?uri=incident.do?sys_id={quote(identity, safe='')}",
                "Incident in ServiceNow",
            )
            return


def _host(address: object) -> str:
    try:
        return (urlsplit(address).hostname or "") if isinstance(address, str) and len(address) <= URL_LIMIT else ""
    except ValueError:
        return ""


def _labels(record: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name in ("number", "state", "category", "assignment_group", "assigned_to", "caller_id", "correlation_id"):
        yield name, _shown(record, name)
