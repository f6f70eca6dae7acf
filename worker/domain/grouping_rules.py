"""Which alerts are about one fault although their fingerprints differ: a table of rules, of which the first decides."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from fnmatch import fnmatchcase
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, TypeAdapter

from worker.domain.event import DetectionSource, Event
from worker.domain.measured_labels import MeasuredLabels

_LABELS = "labels."
# No field of an event, but what its labels say of where the fault is: `namespace payments`, `node aks-1`.
_AFFECTED = "affected"
_FIELDS = ("source", "sender", "service", "severity", "title", _AFFECTED)
_DIGITS = 32


def _known_field(name: str) -> str:
    if name not in _FIELDS and not (name.startswith(_LABELS) and len(name) > len(_LABELS)):
        raise ValueError(f"{name!r} is no field: {', '.join(_FIELDS)} or {_LABELS}<name>")
    return name


FieldName = Annotated[str, AfterValidator(_known_field)]


class GroupingRule(BaseModel):
    """`when`: a pattern for each field that must fit (`*` and `?`, case does not count); without any, all alerts do.

    `group_by`: alerts that agree in these fields are one incident; without any, only equal fingerprints are.
    `window_seconds`: for how long after the last alert of an incident; the setting's where it is not given.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    when: dict[FieldName, str] = Field(default_factory=dict)
    group_by: tuple[FieldName, ...] = ()
    window_seconds: Annotated[float, Field(ge=1)] | None = None

    def fits(self, event: Event) -> bool:
        return all(_fits(_value(event, field), pattern) for field, pattern in self.when.items())


# Without a rule of one's own. A source alone would make one incident of all that a monitoring system has to tell.
_BY_SOURCE = GroupingRule(group_by=("source", "service"))
# Two monitoring systems that tell of one service within the window tell of one outage.
_BY_SERVICE = GroupingRule(group_by=("service",))
# Without a service, they tell of one place.
_BY_AFFECTED = GroupingRule(group_by=(_AFFECTED,))

_RULES: TypeAdapter[tuple[GroupingRule, ...]] = TypeAdapter(tuple[GroupingRule, ...])


@dataclass(frozen=True, slots=True)
class Grouping:
    """What an event is grouped by; without a `key` its fingerprint alone counts. `because` is part of a sentence, as is
    `across`, for an incident that another source opened; empty where other sources are other groups.
    """

    key: str | None
    window: timedelta
    rule: str
    because: str
    across: str = ""


@dataclass(frozen=True, slots=True)
class GroupingRules:
    rules: Sequence[GroupingRule]
    window: timedelta

    def grouping(self, event: Event) -> Grouping:
        number, rule = next(self._fitting(event), (None, default_rule(event)))
        name = f"rule {number}" if number is not None else "the default rule"
        window = timedelta(seconds=rule.window_seconds) if rule.window_seconds is not None else self.window
        agreed = [(field, _value(event, field)) for field in rule.group_by]
        if lacking := [field for field, value in agreed if not value]:
            return Grouping(None, window, name, f"{_listed(lacking)} is not given, by which {name} groups")
        if not agreed:
            return Grouping(None, window, name, f"{name} groups by nothing")
        because = f"it agrees with it in {_told(agreed)} ({name})"
        across = "" if "source" in rule.group_by else f"it is {_same(agreed)}, told by another source ({name})"
        # Anybody may say another's source: without a rule of one's own, it is that of its sender.
        told_by = [("sender", event.proved_sender)] if rule is _BY_SOURCE and event.proved_sender else []
        return Grouping(_key(name, [*agreed, *told_by]), window, name, because, across)

    def _fitting(self, event: Event) -> Iterator[tuple[int, GroupingRule]]:
        return ((number, rule) for number, rule in enumerate(self.rules, start=1) if rule.fits(event))


def default_rule(event: Event) -> GroupingRule:
    """Across sources for what monitoring systems tell; what a person reports is about no more than it says."""
    if event.detection_source is not DetectionSource.MONITORING or not event.source:
        return _BY_SOURCE
    return _BY_SERVICE if event.service or not _value(event, _AFFECTED) else _BY_AFFECTED


def read_rules(text: str) -> tuple[GroupingRule, ...]:
    """From JSON, a list of rules, or nothing; raises pydantic's ValidationError."""
    return _RULES.validate_json(text) if text else ()


def _fits(value: str, pattern: str) -> bool:
    return fnmatchcase(value.casefold(), pattern.casefold())


def _value(event: Event, field: str) -> str:
    if field == _AFFECTED:
        return MeasuredLabels(event.labels).group
    if field.startswith(_LABELS):
        return event.labels.get(field.removeprefix(_LABELS), "")
    return str(getattr(event, field) or "")


def _key(rule: str, agreed: Sequence[tuple[str, str]]) -> str:
    content = json.dumps([rule, [(field, value.casefold()) for field, value in agreed]])
    return hashlib.sha256(content.encode()).hexdigest()[:_DIGITS]


def _told(agreed: Sequence[tuple[str, str]]) -> str:
    return " and ".join(value if field == _AFFECTED else f"{field} {value!r}" for field, value in agreed)


def _same(agreed: Sequence[tuple[str, str]]) -> str:
    return " and ".join(f"the same {_spoken(field, value)}" for field, value in agreed)


def _spoken(field: str, value: str) -> str:
    return value if field == _AFFECTED else f"{field}, {value}"


def _listed(fields: Sequence[str]) -> str:
    return " or ".join(fields)
