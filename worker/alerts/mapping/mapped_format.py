"""A map as a format like every other: from a payload, by its expressions, to events."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from worker.alerts.affected import titled
from worker.alerts.alert_limit import most_important
from worker.alerts.cloudevents_types import state_of
from worker.alerts.fields import digest, labels, paragraphs
from worker.alerts.format import Format, Ignored, LeftOut, Mark, NotThisFormat
from worker.alerts.house_format import Given, HouseFormat
from worker.alerts.links import links
from worker.alerts.mapping.expression import Expression, Value
from worker.alerts.mapping.format_map import TYPES, FormatMap
from worker.alerts.mapping.json_values import addresses, canonical, pairs, text, word, words
from worker.alerts.severities import ReadSeverity, SeverityWords
from worker.alerts.timestamps import moment
from worker.alerts.unmeasured import low_confidence
from worker.domain.event import DetectionSource, Event, EventType
from worker.domain.markup import plain
from worker.domain.validation import Fault

COMMON = "common"
# It is there for every alert of the payload: what is longer would cost as often.
_COMMON_LIMIT = 4_000
_UNDERSTOOD: Mapping[EventType, str] = {kind: state for state, kind in TYPES.items()}


def house_format(format_map: FormatMap, place: str) -> HouseFormat:
    mapped = _MappedFormat(format_map)
    return HouseFormat(
        format=Format(
            name=format_map.name, parse=mapped.parse, mark=mapped.mark, minimum={}, words=format_map.severities
        ),
        place=place,
        trace=mapped.trace,
    )


@dataclass(frozen=True, slots=True)
class _MappedFormat:
    map: FormatMap

    @property
    def mark(self) -> Mark:
        if (mark := self.map.mark) is None:
            return Mark("nothing: it has to be named", lambda _: False)
        return Mark(mark.text, lambda payload: not _is_false(mark.find(payload)))

    def parse(self, payload: object, severity_words: SeverityWords) -> Sequence[Event | Ignored]:
        """One finding for each alert; raises NotThisFormat, naming the field."""
        every = self._alerts(payload)
        alerts = most_important(every, self._rank_by(severity_words))
        read = [_ReadAlert(self.map, alert, severity_words) for alert in self._with_common(alerts, payload)]
        if alerts and not any(alert.title for alert in read):
            raise NotThisFormat(self.map.name, [Fault("title", f"is required, and {self.map.title.text!r} gives none")])
        try:
            findings = [each.finding(raw) for each, raw in zip(read, alerts, strict=True)]
        except ValidationError as error:
            raise NotThisFormat.because(self.map.name, error) from None
        if len(every) > len(alerts):
            return [*findings, LeftOut.of(len(every) - len(alerts))]
        return findings or [Ignored("The payload has no alerts.")]

    def _rank_by(self, severity_words: SeverityWords) -> Callable[[object], tuple[bool, int]]:
        def rank(alert: object) -> tuple[bool, int]:
            read = _ReadAlert(self.map, alert, severity_words)
            return read.state != "firing", read.severity.severity

        return rank

    def trace(self, payload: object) -> Sequence[Sequence[Given]]:
        """What each expression gives, for each alert; raises NotThisFormat."""
        alerts = self._with_common(self._alerts(payload), payload)
        return [[Given(name, value.text, value.find(alert)) for name, value in self.map.values()] for alert in alerts]

    def _alerts(self, payload: object) -> Sequence[object]:
        found = self.map.alerts.find(payload)
        if isinstance(found, Mapping):
            return [found]
        if not isinstance(found, list) or (found and not any(isinstance(each, Mapping) for each in found)):
            message = f"must be an object or a list of objects, and {self.map.alerts.text!r} gives neither"
            raise NotThisFormat(self.map.name, [Fault("alerts", message)])
        return found

    def _with_common(self, alerts: Sequence[object], payload: object) -> Iterator[object]:
        common = {name: _bounded(value.find(payload)) for name, value in self.map.common.items()}
        for alert in alerts:
            yield {**alert, COMMON: common} if common and isinstance(alert, Mapping) else alert


@dataclass(frozen=True, slots=True)
class _ReadAlert:
    map: FormatMap
    alert: object
    severity_words: SeverityWords

    def finding(self, raw: object) -> Event | Ignored:
        if not isinstance(raw, Mapping):
            return Ignored("An alert of the payload is no JSON object, and tells nothing.")
        state, fingerprint = self.state, self.fingerprint
        if state == "ignored":
            return Ignored(f"An alert is {self.said!r}, by which its map says that nothing is to be done.")
        kind = TYPES[state]
        if kind is EventType.RESOLVE and self.confidence:
            # Of what nobody measured nobody knows that it is over.
            kind = EventType.NO_LONGER_REPORTED
        if kind is not EventType.TRIGGER and not fingerprint:
            return Ignored(f"An alert is {state}, and names nothing by which it is known: its fingerprint is empty.")
        return self._event(kind, fingerprint, raw)

    def _event(self, kind: EventType, fingerprint: str, raw: object) -> Event:
        resources, severity = self.resources, self.severity
        ended = kind in {EventType.RESOLVE, EventType.NO_LONGER_REPORTED}
        return Event(
            type=kind,
            title=titled(self.title or f"Alert of {self.map.name} without a title", resources),
            severity=severity.severity,
            unread_severity=severity.unread,
            service=self._word(self.map.service),
            description=paragraphs((self.confidence, self._text(self.map.description))),
            impact=self._text(self.map.impact),
            detection_source=self.detection_source,
            occurred_at=moment(self._find(self.map.occurred_at)),
            resolved_at=moment(self._find(self.map.resolved_at)) if ended else None,
            state_reason=self._word(self.map.state_reason) or self.said if kind is EventType.NO_LONGER_REPORTED else "",
            source=self.map.name,
            fingerprint=fingerprint,
            links=links(self._links()),
            resources=tuple(resources),
            labels=labels(self._labels()),
            raw=raw,
        )

    @property
    def title(self) -> str:
        return self._word(self.map.title)

    @property
    def said(self) -> str:
        """The sender's word for the state."""
        return self._word(self.map.state.given_by) if self.map.state else ""

    @property
    def state(self) -> str:
        """By the map's own words, else by those that are understood anyway."""
        if (state := self.map.state) is None:
            return "firing"
        said = self.said.lower()
        own = next((name for name, known in state.words.items() if said in known), None)
        understood = state_of(said, of_check=True)
        return own or (_UNDERSTOOD[understood.type] if understood else state.otherwise)

    @property
    def fingerprint(self) -> str:
        values = [canonical(value.find(self.alert)) for value in self.map.fingerprint]
        return digest(values) if any(values) else ""

    @property
    def severity(self) -> ReadSeverity:
        said = self.severity_words.said(self._word(self.map.severity))
        return said.doubted if self.confidence else said

    @property
    def confidence(self) -> str:
        """What rests on no measurement says so first, and by its reason where the payload has one."""
        found = self._find(self.map.low_confidence)
        understood = state_of(self.said, of_check=True)
        if _is_false(found) and (understood is None or understood.has_data):
            return ""
        reason = word(found) if isinstance(found, str) else "nothing was measured, and nobody knows whether it is wrong"
        return low_confidence(reason.rstrip("."))

    @property
    def resources(self) -> list[str]:
        named = (name for value in self.map.resources for name in words(value.find(self.alert)))
        return list(dict.fromkeys(named))

    @property
    def detection_source(self) -> DetectionSource:
        said = self._word(self.map.detection_source).lower().replace("_", "-").replace(" ", "-")
        return next((each for each in DetectionSource if each == said), DetectionSource.MONITORING)

    def _links(self) -> Iterator[tuple[str, str]]:
        for said, value in _parts(self.map.links):
            yield from addresses(value.find(self.alert), said or "Source")

    def _labels(self) -> Iterator[tuple[str, str]]:
        for name, value in _parts(self.map.labels):
            found = value.find(self.alert)
            yield from [(name, ", ".join(words(found)))] if name else pairs(found)

    def _find(self, value: Value | None) -> object:
        return value.find(self.alert) if value else None

    def _word(self, value: Value | None) -> str:
        return word(self._find(value))

    def _text(self, value: Value | None) -> str:
        return plain(text(self._find(value)))


def _parts(named: Expression | Mapping[str, Value] | None) -> Sequence[tuple[str, Value]]:
    """Without a name for an expression that gives names and values."""
    if isinstance(named, Mapping):
        return list(named.items())
    return [("", named)] if named else []


def _bounded(value: Any) -> object:
    if isinstance(value, str):
        return value[:_COMMON_LIMIT]
    try:
        return value if len(json.dumps(value)) <= _COMMON_LIMIT else None
    except ValueError:
        return None


def _is_false(value: object) -> bool:
    """As JMESPath has it: 0 is something."""
    return value is None or value is False or value in ("", [], {})
