"""Dynatrace's problem notifications: a custom integration with `dynatrace_template.json` as its payload."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any

from pydantic import AfterValidator, ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_pascal

from worker.alerts.affected import titled
from worker.alerts.fields import Enriching, Part, Words, digest, labels, paragraphs, tag
from worker.alerts.format import Format, Ignored, Mark, NotThisFormat
from worker.alerts.links import links
from worker.alerts.severities import SeverityWords
from worker.alerts.template import Template, unset_is_absent
from worker.alerts.timestamps import AlertMoment
from worker.alerts.unmeasured import doubted
from worker.domain.event import DetectionSource, Event, EventType, Severity
from worker.domain.markup import plain
from worker.domain.text import clean_line
from worker.domain.validation import Fault

NAME = "dynatrace"
_REMEDY = "paste worker/alerts/formats/dynatrace_template.json as the payload of the integration"
_TEMPLATE = Template(NAME, "dynatrace-incident-launch/1", _REMEDY)
_FIELDS = {"State", "ProblemTitle", "ProblemSeverity", "ProblemURL", "PID"}
_CONTEXT = re.compile(r"^\s*\[[^\[\]]{1,60}\]")
_TAGS = 200
_PLACEHOLDER = re.compile(r"\{[A-Za-z0-9]{1,60}\}")
_NO_DATA = "monitoring_unavailable"
# The ids of the problem that the button sends.
_TEST_IDS = {"999", "99999", "testproblem"}
_TEST = Ignored("A test of Dynatrace's notification has arrived; it tells of no problem, and launches nothing.")
_NAMELESS = Fault("ProblemID", f"is required: {_REMEDY}")
# A problem that was merged goes on as another: the one that it became tells of its end.
_KINDS = {
    "resolved": EventType.RESOLVE,
    "closed": EventType.RESOLVE,
    "merged": EventType.NO_LONGER_REPORTED,
}


def _parse(payload: object, words: SeverityWords) -> Sequence[Event | Ignored]:
    """The one problem of a call; raises NotThisFormat, naming the field."""
    try:
        problem = _Problem.model_validate(payload)
    except ValidationError as error:
        raise NotThisFormat.because(NAME, error) from None
    _TEMPLATE.check_if_said(problem.template)
    if not problem.identity:
        raise NotThisFormat(NAME, [_NAMELESS])
    return [_TEST if problem.is_test else _event(problem, payload, words)]


def _is_marked(payload: Mapping[str, Any]) -> bool:
    return "ProblemID" in payload and bool(payload.keys() & _FIELDS)


FORMAT = Format(
    name=NAME,
    parse=_parse,
    mark=Mark("ProblemID with State or ProblemTitle", _is_marked),
    words={
        "availability": Severity.HIGH,
        **dict.fromkeys(("performance", "resource_contention", "custom_alert", _NO_DATA), Severity.MEDIUM),
    },
    minimum={"ProblemID": "P-2603114"},
)


Filled = Annotated[Words, AfterValidator(unset_is_absent(_PLACEHOLDER))]


class _Entity(Part):
    name: Words = ""


class _Details(Part):
    """Of the placeholder ProblemDetailsJSONv2, for whoever adds it."""

    start_time: AlertMoment = None
    end_time: AlertMoment = None


class _Problem(Part):
    model_config = ConfigDict(alias_generator=to_pascal)

    template: Filled = Field(default="", alias="schema")
    problem_id: Filled = Field(default="", alias="ProblemID")
    pid: Filled = Field(default="", alias="PID")
    state: Filled = ""
    problem_title: Filled = ""
    problem_severity: Filled = ""
    problem_impact: Filled = ""
    names_of_impacted_entities: Filled = ""
    impacted_entity: Filled = ""
    problem_details_text: Filled = ""
    problem_url: Filled = Field(default="", alias="ProblemURL")
    tags: Filled = ""
    impacted_entities: Enriching[tuple[Enriching[_Entity], ...]] = None
    details: Enriching[_Details] = Field(default=None, alias="ProblemDetailsJSONv2")

    @property
    def identity(self) -> str:
        return self.pid or self.problem_id

    @property
    def is_test(self) -> bool:
        return {self.problem_id.lower(), self.pid.lower()} <= _TEST_IDS | {""}

    @property
    def kind(self) -> EventType:
        return _KINDS.get(self.state.strip().lower(), EventType.TRIGGER)

    @property
    def affected(self) -> list[str]:
        entities = [entity.name for entity in self.impacted_entities or () if entity]
        listed = entities or (self.names_of_impacted_entities or self.impacted_entity).split(",")
        return sorted({name for name in map(clean_line, listed) if name})

    @property
    def tagged(self) -> list[tuple[str, str]]:
        """Of tags such as `[Environment]service:checkout`."""
        parts = (clean_line(_CONTEXT.sub("", part)) for part in self.tags.split(",")[:_TAGS])
        return [(name, value) for name, value in map(tag, parts) if name]


def _event(problem: _Problem, payload: object, words: SeverityWords) -> Event:
    severity, details = words.said(problem.problem_severity), problem.details or _Details()
    ended, merged = problem.kind is not EventType.TRIGGER, problem.kind is EventType.NO_LONGER_REPORTED
    event = Event(
        type=problem.kind,
        title=titled(_title(problem), problem.affected),
        severity=severity.severity,
        unread_severity=severity.unread,
        service=next((value for name, value in problem.tagged if name.lower() == "service"), ""),
        description=paragraphs((plain(problem.problem_details_text),)),
        detection_source=DetectionSource.MONITORING,
        occurred_at=details.start_time,
        resolved_at=details.end_time if ended else None,
        state_reason=problem.state if merged else "",
        source=NAME,
        fingerprint=digest(problem.identity),
        links=links([(problem.problem_url, "Problem in Dynatrace")]),
        resources=tuple(problem.affected),
        labels=labels(_labels(problem)),
        raw=payload,
    )
    is_blind = not ended and problem.problem_severity.strip().lower() == _NO_DATA
    return doubted(event, "Dynatrace") if is_blind else event


def _title(problem: _Problem) -> str:
    return clean_line(problem.problem_title) or f"Problem {clean_line(problem.problem_id or problem.pid)} of Dynatrace"


def _labels(problem: _Problem) -> Iterator[tuple[str, str]]:
    yield "problem", problem.problem_id
    yield "state", problem.state
    yield "impact", problem.problem_impact
    yield "kind", problem.problem_severity
    yield from problem.tagged
