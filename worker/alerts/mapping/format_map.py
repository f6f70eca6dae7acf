"""A map: what a house says of one format of its own, as it stands in a file."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, PlainValidator, model_validator

from worker.alerts.mapping.expression import Constant, Expression, Value, read_expression, read_value
from worker.domain.event import DetectionSource, EventType, Severity

_NAME = re.compile(r"[a-z0-9-]{1,32}")
_SEVERITIES = {each.label: each for each in Severity} | {str(each.value): each for each in Severity}
_SOURCES = {each.value for each in DetectionSource}

# What a word of the state stands for; the last is understood, and launches nothing.
State = Literal["firing", "acknowledged", "resolved", "no-longer-reported", "ignored"]
TYPES: Mapping[str, EventType] = {
    "firing": EventType.TRIGGER,
    "acknowledged": EventType.ACKNOWLEDGE,
    "resolved": EventType.RESOLVE,
    "no-longer-reported": EventType.NO_LONGER_REPORTED,
}


def _name(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise ValueError("must have 1 to 32 of a-z, 0-9 and -")
    return name


def _common_name(name: str) -> str:
    if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]{0,63}", name):
        raise ValueError("must be a word of letters, digits and _")
    return name


def _several(given: object) -> object:
    return given if isinstance(given, list) else [given]


def _severity(given: object) -> Severity:
    severity = _SEVERITIES.get(given.strip().lower()) if isinstance(given, str) else None
    if severity is None:
        raise ValueError(f"must be 1 to 5, or {', '.join(each.label for each in Severity)}")
    return severity


def _word(word: str) -> str:
    return word.strip().lower()


def _source(value: Value) -> Value:
    if isinstance(value, Constant) and value.value not in _SOURCES:
        raise ValueError(f"must be one of {', '.join(sorted(_SOURCES))}")
    return value


def _named_or_whole(given: object) -> object:
    """For each name an expression, or one that gives names and values."""
    if isinstance(given, dict):
        return {str(name): read_value(value) for name, value in given.items()}
    return read_expression(given)


AnExpression = Annotated[Expression, PlainValidator(read_expression)]
AValue = Annotated[Value, PlainValidator(read_value)]
Values = Annotated[tuple[AValue, ...], BeforeValidator(_several)]
Named = Annotated[Expression | Mapping[str, Value], PlainValidator(_named_or_whole)]
Words = Annotated[tuple[Annotated[str, AfterValidator(_word)], ...], BeforeValidator(_several)]
ASeverity = Annotated[Severity, PlainValidator(_severity)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)


class StateMap(_Part):
    """`from`: what gives the word; a word in none of the lists, nor one that is understood anyway, is `otherwise`."""

    given_by: AValue = Field(alias="from")
    firing: Words = ()
    acknowledged: Words = ()
    resolved: Words = ()
    no_longer_reported: Words = Field(default=(), alias="no-longer-reported")
    ignored: Words = ()
    otherwise: State = "firing"

    @model_validator(mode="before")
    @classmethod
    def _is_an_expression(cls, given: object) -> object:
        return {"from": given} if isinstance(given, str) else given

    @model_validator(mode="after")
    def _says_one_thing(self) -> "StateMap":
        words = [word for words in self.words.values() for word in set(words)]
        if twice := sorted({word for word in words if words.count(word) > 1}):
            raise ValueError(f"each word stands for one state; not so: {', '.join(twice)}")
        return self

    @property
    def words(self) -> Mapping[State, tuple[str, ...]]:
        return {
            "firing": self.firing,
            "acknowledged": self.acknowledged,
            "resolved": self.resolved,
            "no-longer-reported": self.no_longer_reported,
            "ignored": self.ignored,
        }


class FormatMap(_Part):
    """One document of a file. Only `name` and `title` are required."""

    name: Annotated[str, AfterValidator(_name)]
    mark: AnExpression | None = None
    alerts: AnExpression = Field(default_factory=lambda: read_expression("@"))
    common: dict[Annotated[str, AfterValidator(_common_name)], AnExpression] = Field(default_factory=dict)
    title: AValue
    description: AValue | None = None
    impact: AValue | None = None
    severity: AValue | None = None
    severities: dict[Annotated[str, AfterValidator(_word)], ASeverity] = Field(default_factory=dict)
    service: AValue | None = None
    state: StateMap | None = None
    state_reason: AValue | None = None
    fingerprint: Values = ()
    occurred_at: AValue | None = None
    resolved_at: AValue | None = None
    resources: Values = ()
    links: Named | None = None
    labels: Named | None = None
    detection_source: Annotated[AValue, AfterValidator(_source)] | None = None
    low_confidence: AValue | None = None

    @model_validator(mode="after")
    def _tells_what_ends(self) -> "FormatMap":
        if self.state and not self.fingerprint:
            raise ValueError("fingerprint: is required, since state tells what ends, and has to name it")
        return self

    def values(self) -> Iterator[tuple[str, Value]]:
        """What is asked of each alert, by the name of its field and, where that has parts, of the part."""
        for name in type(self).model_fields:
            if name not in {"name", "mark", "alerts", "common", "severities"}:
                yield from _named(name, getattr(self, name))


def _named(name: str, given: Any) -> Iterable[tuple[str, Value]]:
    match given:
        case None:
            return ()
        case StateMap():
            return [(name, given.given_by)]
        case tuple():
            return [(f"{name}.{place}", value) for place, value in enumerate(given, 1)]
        case Mapping():
            return [(f"{name}.{part}", value) for part, value in given.items()]
        case _:
            return [(name, given)]
