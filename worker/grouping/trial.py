"""What payloads become, field by field, and which of their alerts end which: tried offline."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from pydantic import BaseModel

from worker.alerts.format import Format, Ignored
from worker.alerts.formats import known_formats
from worker.alerts.house_format import HouseFormat
from worker.alerts.parsing import read_alerts
from worker.alerts.severities import Severities
from worker.domain.alert_ends import ends
from worker.domain.alert_identity import identity
from worker.domain.alert_record import AlertRecord
from worker.domain.errors import Undecodable
from worker.domain.event import Event, EventType
from worker.domain.grouping_rules import GroupingRules
from worker.domain.incident import Incident
from worker.grouping.explanation import Explanation, explanation, format_of

_ENDS = {EventType.RESOLVE, EventType.NO_LONGER_REPORTED}


class GivenField(BaseModel, frozen=True):
    """What an expression of a map gives; null where it gives nothing."""

    field: str
    expression: str
    value: Any


class TriedAlert(BaseModel, frozen=True):
    """`number`: by which pairings name it. Either `ignored` says why nothing is done, or the rest what it becomes."""

    number: int
    payload: str
    format: str
    ignored: str | None = None
    event: dict[str, Any] | None = None
    explanation: Explanation | None = None
    given: tuple[GivenField, ...] = ()


class Pairing(BaseModel, frozen=True):
    """Of the alert `end`: the numbers of those before it that it ends, and why these or none."""

    end: int
    ends: tuple[int, ...]
    because: str


class Trial(BaseModel, frozen=True):
    """The shape of `--json`, to which fields may be added."""

    alerts: tuple[TriedAlert, ...]
    pairings: tuple[Pairing, ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """By what payloads are read; `format_name`: of all of them, else each is recognised."""

    format_name: str | None
    house: Sequence[HouseFormat]
    severities: Severities
    rules: GroupingRules

    @property
    def formats(self) -> Mapping[str, Format]:
        return known_formats(self.house)


@dataclass(frozen=True, slots=True)
class _Read:
    tried: TriedAlert
    event: Event | None


def tried(payloads: Sequence[tuple[str, object]], reading: Reading) -> Trial:
    """`payloads`: each with its name, in the order in which they are sent; raises Undecodable."""
    read: list[_Read] = []
    for name, payload in payloads:
        try:
            read.extend(_read(name, payload, reading, len(read)))
        except Undecodable as error:
            raise Undecodable(f"{name}: {error}") from None
    return Trial(alerts=tuple(each.tried for each in read), pairings=tuple(_pairings(read)))


def _read(name: str, payload: object, reading: Reading, before: int) -> Iterator[_Read]:
    formats = reading.formats
    format_name = format_of(payload, reading.format_name, formats)
    found = read_alerts(format_name, payload, reading.severities, formats)
    house = next((each for each in reading.house if each.format.name == format_name), None)
    traces = house.trace(payload) if house else ()
    for place, finding in enumerate(found):
        given = tuple(
            GivenField(field=each.field, expression=each.expression, value=each.value)
            for each in (traces[place] if place < len(traces) else ())
        )
        known = TriedAlert(number=before + place + 1, payload=name, format=format_name, given=given)
        if isinstance(finding, Ignored):
            yield _Read(known.model_copy(update={"ignored": finding.reason}), None)
        else:
            yield _Read(known.model_copy(update=_become(finding, format_name, reading.rules)), finding)


def _become(event: Event, format_name: str, rules: GroupingRules) -> dict[str, object]:
    shown = event.model_dump(mode="json", exclude={"raw", "unread_severity"}, exclude_defaults=True)
    shown = {"type": event.type.value, "severity": event.severity.value} | shown
    unread = {"unread_severity": event.unread_severity} if event.unread_severity else {}
    return {"event": shown | unread, "explanation": explanation(event, format_name, rules)}


def _pairings(read: Sequence[_Read]) -> Iterator[Pairing]:
    firings: defaultdict[str, list[_Read]] = defaultdict(list)
    before: list[_Read] = []
    for each in read:
        if each.event is None:
            continue
        if each.event.type in _ENDS:
            yield _pairing(each, each.event, firings[identity(each.event)], before)
        elif each.event.type is EventType.TRIGGER:
            firings[identity(each.event)].append(each)
            before.append(each)


def _pairing(end: _Read, event: Event, same: Sequence[_Read], before: Sequence[_Read]) -> Pairing:
    number = end.tried.number
    if not same:
        return Pairing(end=number, ends=(), because=_difference(end, before))
    if event.type is EventType.NO_LONGER_REPORTED:
        because = f"its fingerprint is that of {_numbers(same)}, and it closes nothing: nobody knows whether it is over"
        return Pairing(end=number, ends=(), because=because)
    reached = [each for each in same if ends(_record(end), _record(each))]
    if not reached:
        because = f"its fingerprint is that of {_numbers(same)}, which began after this end"
        return Pairing(end=number, ends=(), because=because)
    because = f"its fingerprint is that of {_numbers(reached)}, and its end is not before that began"
    return Pairing(end=number, ends=tuple(each.tried.number for each in reached), because=because)


def _difference(end: _Read, before: Sequence[_Read]) -> str:
    if not before:
        return "no alert before it fires"
    last = before[-1].tried
    there = {each.field: each for each in last.given}
    differing = [
        f"{each.expression} gives {_spoken(each.value)}, and {_spoken(there[each.field].value)} there"
        for each in end.tried.given
        if each.field.startswith("fingerprint") and each.field in there and there[each.field].value != each.value
    ]
    why = f": compared with alert {last.number}, {'; '.join(differing)}" if differing else ""
    return f"its fingerprint is that of none before it{why}"


def _spoken(value: object) -> str:
    return "nothing" if value is None else repr(value)[:80]


def _numbers(read: Sequence[_Read]) -> str:
    numbers = [str(each.tried.number) for each in read]
    return f"alert{'s' if len(numbers) > 1 else ''} {', '.join(numbers)}"


def _record(read: _Read) -> AlertRecord:
    """As if they were received one after the other, now."""
    assert read.event is not None  # noqa: S101 - only what became an event is paired
    received = datetime.now(UTC) + timedelta(seconds=read.tried.number)
    return AlertRecord.of(Incident(key="trial", event=read.event, received_at=received), because="")
