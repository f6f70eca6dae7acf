"""Azure DevOps' service hooks: builds, runs of pipelines, their stages and jobs, and deployments of releases."""

from collections.abc import Iterator, Sequence
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, ValidationError

from worker.alerts.affected import titled
from worker.alerts.azure_devops.outcome import READERS, Outcome, text_at
from worker.alerts.fields import Enriching, Part, Words, digest, labels, paragraphs
from worker.alerts.format import Format, Ignored, Mark, NotThisFormat
from worker.alerts.links import links
from worker.alerts.severities import SeverityWords
from worker.alerts.timestamps import AlertMoment, moment
from worker.alerts.unmeasured import low_confidence
from worker.domain.event import DetectionSource, Event, EventType, Severity
from worker.domain.markup import plain
from worker.domain.text import clean_line

NAME = "azure-devops"
_SUCCEEDED = "succeeded"
# What goes on, or was called off, measured nothing: what failed before it goes on failing, and nothing begins.
_WITHOUT_RESULT = {
    *("canceled", "cancelled", "canceling", "cancelling", "skipped", "stopped", "abandoned", "none", "undefined"),
    *("notstarted", "notdeployed", "queued", "scheduled", "started", "running", "inprogress", "waiting", "pending"),
}
_SPOKEN = {"partiallysucceeded": "partially succeeded", "succeededwithissues": "succeeded with issues"}
_KNOWN = {"failed", "rejected", *_SPOKEN}
_UNKNOWN = low_confidence("Azure DevOps does not say how it ended")


def _parse(payload: object, words: SeverityWords) -> Sequence[Event | Ignored]:
    """The one event of a call; raises NotThisFormat, naming the field."""
    try:
        hook = _Hook.model_validate(payload)
        kind = READERS.get(hook.eventType.lower())
        if kind is None:
            return [Ignored(f"A service hook for {clean_line(hook.eventType)[:100]} is no alert; it launches nothing.")]
        return [_finding(hook, kind(hook.resource), payload, words)]
    except ValidationError as error:
        raise NotThisFormat.because(NAME, error) from None


FORMAT = Format(
    name=NAME,
    parse=_parse,
    mark=Mark("eventType and resource", lambda payload: "eventType" in payload and "resource" in payload),
    words={
        **dict.fromkeys(("failed", "rejected"), Severity.MEDIUM),
        **dict.fromkeys(("partiallysucceeded", "succeededwithissues"), Severity.LOW),
    },
    minimum={"eventType": "build.complete", "resource": {}},
)


def _is_said(value: str) -> str:
    if not value.strip():
        raise ValueError("must be the event of the service hook, such as build.complete")
    return value


class _Named(Part):
    id: Words = ""
    name: Words = ""


class _Said(Part):
    text: Words = ""
    html: Words = ""
    markdown: Words = ""

    @property
    def words(self) -> str:
        return self.text or plain(self.html) or self.markdown


class _Containers(Part):
    collection: Enriching[_Named] = None
    project: Enriching[_Named] = None


class _Hook(Part):
    # Named as in the payload: so the refusal names it also where it is missing.
    eventType: Annotated[str, AfterValidator(_is_said)]  # noqa: N815
    resource: Annotated[dict[str, Any], BeforeValidator(lambda value: {} if value is None else value)]
    message: Enriching[_Said] = None
    detailed_message: Enriching[_Said] = None
    resource_containers: Enriching[_Containers] = None
    created_date: AlertMoment = None


def _finding(hook: _Hook, outcome: Outcome, payload: object, words: SeverityWords) -> Event | Ignored:
    result = _result(outcome) or _spoken_result(hook)
    if result in _WITHOUT_RESULT:
        return Ignored(
            f"{_title(outcome, result)[:200]} tells neither that it works nor that it fails; it launches nothing."
        )
    succeeded, known = result == _SUCCEEDED, any(outcome.identity[1:])
    if succeeded and not known:
        return Ignored("Azure DevOps reports that something has succeeded, and does not say what.")
    ended_at = moment(outcome.ended_at) or hook.created_date
    return Event(
        type=EventType.RESOLVE if succeeded else EventType.TRIGGER,
        title=titled(
            _title(outcome, result) if outcome.name else _said(hook) or _title(outcome, result), outcome.affected
        ),
        severity=Severity.MEDIUM if succeeded else words.find(result) or Severity.MEDIUM,
        description=paragraphs(_paragraphs(hook, result)),
        detection_source=DetectionSource.MONITORING,
        # A run is told of when it ends: one that succeeds ends what had failed by then.
        occurred_at=None if succeeded else ended_at,
        resolved_at=ended_at if succeeded else None,
        source=NAME,
        fingerprint=digest([*_project(hook), *(part.lower() for part in outcome.identity)]) if known else "",
        links=links(outcome.links),
        resources=tuple(dict.fromkeys(filter(None, outcome.affected))),
        labels=labels(_labels(hook, outcome)),
        raw=payload,
    )


def _said(hook: _Hook) -> str:
    """The sentence that names it where nothing of the resource is sent."""
    return clean_line(hook.message.words) if hook.message else ""


def _title(outcome: Outcome, result: str) -> str:
    return " ".join(filter(None, (outcome.what, outcome.name, _SPOKEN.get(result, result or "has ended"))))


def _result(outcome: Outcome) -> str:
    """Nothing where it is only said that it is completed."""
    return outcome.result.lower().replace(" ", "").removeprefix("completed")


def _spoken_result(hook: _Hook) -> str:
    """Of a hook that is set to send little or nothing of the resource."""
    said = (hook.message or hook.detailed_message or _Said()).words.lower().rstrip(" .")[-40:]
    ends = (word for word in ("partially succeeded", "succeeded", "failed", "rejected", "canceled", "stopped"))
    return next((word.replace(" ", "") for word in ends if said.endswith(f" {word}")), "")


def _project(hook: _Hook) -> tuple[str, str]:
    containers = hook.resource_containers or _Containers()
    collection, project = containers.collection or _Named(), containers.project or _Named()
    return collection.id or collection.name, project.id or project.name or text_at(hook.resource, "project", "id")


def _paragraphs(hook: _Hook, result: str) -> Iterator[str]:
    yield "" if result in {_SUCCEEDED, *_KNOWN} else _UNKNOWN
    said = hook.detailed_message or hook.message
    yield said.words if said else ""
    yield text_at(hook.resource, "comment")


def _labels(hook: _Hook, outcome: Outcome) -> Iterator[tuple[str, str]]:
    yield "event-type", hook.eventType
    yield "result", outcome.result
    yield from outcome.labels
