"""What payloads become, field by field, and which of their alerts end which: tried offline."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from pydantic import BaseModel

from worker.alerts.format import Ignored
from worker.alerts.formats import known_formats
from worker.alerts.parsing import read_alerts
from worker.alerts.reading import Reading
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
class _Read:
    tried: TriedAlert
    event: Event | None

    def numbered(self, number: int) -> "_Read":
        return _Read(self.tried.model_copy(update={"number": number}), self.event)


def tried(
    payloads: Sequence[tuple[str, object]], format_name: str | None, rules: GroupingRules, reading: Reading
) -> Trial:
    """`payloads`: each with its name, in the order in which they are sent; raises Undecodable.

    `format_name`: that of all of them, else each is recognised.
    """
    read: list[_Read] = []
    for name, payload in payloads:
        try:
            tried_as = format_of(payload, format_name, known_formats(reading.house))
            found = list(_tried(name, payload, tried_as, rules, reading))
        except Undecodable as error:
            raise Undecodable(f"{name}: {error}") from None
        read += [each.numbered(len(read) + place) for place, each in enumerate(found, 1)]
    return Trial(alerts=tuple(each.tried for each in read), pairings=tuple(_pairings(read)))


def _tried(name: str, payload: object, format_name: str, rules: GroupingRules, reading: Reading) -> Iterator[_Read]:
    found = read_alerts(format_name, payload, reading)
    house = next((each for each in reading.house if each.format.name == format_name), None)
    parts = payload if isinstance(payload, list) else [payload]
    traced = [trace for part in parts for trace in house.trace(part)] if house else ()
    # Of more alerts than are read, not all are found again.
    traces = traced if len(traced) == len(found) else [()] * len(found)
    for finding, trace in zip(found, traces, strict=True):
        given = tuple(GivenField(field=each.field, expression=each.expression, value=each.value) for each in trace)
        known = TriedAlert(number=0, payload=name, format=format_name, given=given)
        if isinstance(finding, Ignored):
            yield _Read(known.model_copy(update={"ignored": finding.reason}), None)
        else:
            told = _become(finding, explanation(finding, format_name, rules, reading))
            yield _Read(known.model_copy(update=told), finding)


def _become(event: Event, explained: Explanation) -> dict[str, object]:
    shown = event.model_dump(mode="json", exclude={"raw", "unread_severity"}, exclude_defaults=True)
    shown = {"type": event.type.value, "severity": event.severity.value} | shown
    unread = {"unread_severity": event.unread_severity} if event.unread_severity else {}
    return {"event": shown | unread, "explanation": explained}


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
