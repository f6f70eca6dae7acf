"""Azure DevOps' service hooks: builds, runs of pipelines, their stages and jobs, and deployments of releases."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, ValidationError

from worker.alerts.affected import titled
from worker.alerts.fields import Enriching, Part, Words, digest, labels, paragraphs
from worker.alerts.format import Format, Ignored, Mark, NotThisFormat
from worker.alerts.links import links
from worker.alerts.markup import plain
from worker.alerts.severities import SeverityWords
from worker.alerts.timestamps import AlertMoment, moment
from worker.alerts.unmeasured import low_confidence
from worker.domain.event import DetectionSource, Event, EventType, Severity
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
        kind = _KINDS.get(hook.eventType.lower())
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


@dataclass(frozen=True, slots=True)
class _Outcome:
    """How something ended; `identity` is that of all its runs."""

    what: str
    name: str
    result: str
    identity: Sequence[str]
    affected: Sequence[str] = ()
    ended_at: object = None
    links: Sequence[tuple[str, str]] = ()
    labels: Sequence[tuple[str, str]] = ()


def _at(value: object, *path: str) -> Any:
    for name in path:
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


def _text(value: object, *path: str) -> str:
    found = _at(value, *path)
    return clean_line(str(found)) if isinstance(found, str | int) and not isinstance(found, bool) else ""


def _web(value: object) -> str:
    return _text(value, "_links", "web", "href")


def _branch(reference: str) -> str:
    """`main`, of `refs/heads/main` and of the older `LG:refs/heads/main:600c52d2`."""
    named = reference.partition("refs/heads/")[2] or reference
    return named.partition(":")[0] if reference.startswith("LG:") else named


def _build(build: Mapping[str, Any]) -> _Outcome:
    """The result stands in `status` in the first version of the resource, whose branch is within the commit."""
    requests = _at(build, "requests")
    first = requests[0] if isinstance(requests, list) and requests else None
    who = _at(build, "requestedFor") or _at(first, "requestedFor")
    branch = _branch(_text(build, "sourceBranch") or _text(build, "sourceGetVersion"))
    definition = _text(build, "definition", "name")
    return _Outcome(
        "Build",
        " ".join(filter(None, (definition, _text(build, "buildNumber")))),
        _text(build, "result") or _text(build, "status"),
        ("build", _text(build, "definition", "id") or definition, branch),
        [definition, branch],
        _at(build, "finishTime"),
        [(_web(build), "Build"), (_web(_at(build, "definition")), "Pipeline")],
        [
            ("definition", definition),
            ("branch", branch),
            ("reason", _text(build, "reason")),
            ("requested-for", _text(who, "displayName")),
            ("project", _text(build, "project", "name")),
        ],
    )


def _of_pipeline(*path: str) -> Any:
    def read(resource: Mapping[str, Any]) -> _Outcome:
        """A run of a pipeline, or the stage or job of it that `path` leads to."""
        part, run = _at(resource, *path) or resource, _at(resource, "run")
        pipeline = _at(run, "pipeline") or _at(resource, "pipeline")
        of_run = path == ("run",)
        names = [_text(resource, each, "displayName") or _text(resource, each, "name") for each in ("stage", "job")]
        within = [name for name in names if name] if not of_run else []
        name, branch = _text(pipeline, "name"), _branch(_text(run, "resources", "repositories", "self", "refName"))
        return _Outcome(
            {"run": "Run", "stage": "Stage", "job": "Job"}[path[0]],
            " / ".join(filter(None, (name, *within))) + f" {_text(run, 'name')}".rstrip(),
            _text(part, "result") or _text(part, "state"),
            (path[0], _text(pipeline, "id") or name, branch, *within),
            [name, *within, branch],
            _at(part, "finishTime") or _at(part, "finishedDate"),
            [(_web(part) or _web(run), "Run"), (_text(part, "_links", "pipeline.web", "href"), "Pipeline")],
            [("pipeline", name), ("stage", within[0] if within else ""), ("branch", branch)],
        )

    return read


def _deployment(resource: Mapping[str, Any]) -> _Outcome:
    environment = _at(resource, "environment")
    release = _at(environment, "release") or _at(resource, "release") or _at(resource, "deployment", "release")
    definition = (
        _at(environment, "releaseDefinition")
        or _at(resource, "deployment", "releaseDefinition")
        or _at(release, "releaseDefinition")
    )
    name, where = _text(definition, "name"), _text(environment, "name")
    return _Outcome(
        "Deployment",
        " ".join(filter(None, (_text(release, "name"), f"to {where}" if where else ""))),
        _text(environment, "status") or _text(resource, "deployment", "deploymentStatus"),
        ("deployment", _text(definition, "id") or name, where),
        [name, where],
        _at(resource, "deployment", "completedOn"),
        [(_web(release), "Release"), (_web(definition), "Release pipeline")],
        [
            ("definition", name),
            ("environment", where),
            ("release", _text(release, "name")),
            ("requested-for", _text(resource, "deployment", "requestedFor", "displayName")),
            ("project", _text(resource, "project", "name")),
        ],
    )


_KINDS = {
    "build.complete": _build,
    "ms.vss-release.deployment-completed-event": _deployment,
    "ms.vss-pipelines.run-state-changed-event": _of_pipeline("run"),
    "ms.vss-pipelines.stage-state-changed-event": _of_pipeline("stage"),
    "ms.vss-pipelines.job-state-changed-event": _of_pipeline("job"),
}


def _finding(hook: _Hook, outcome: _Outcome, payload: object, words: SeverityWords) -> Event | Ignored:
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


def _title(outcome: _Outcome, result: str) -> str:
    return " ".join(filter(None, (outcome.what, outcome.name, _SPOKEN.get(result, result or "has ended"))))


def _result(outcome: _Outcome) -> str:
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
    return collection.id or collection.name, project.id or project.name or _text(hook.resource, "project", "id")


def _paragraphs(hook: _Hook, result: str) -> Iterator[str]:
    yield "" if result in {_SUCCEEDED, *_KNOWN} else _UNKNOWN
    said = hook.detailed_message or hook.message
    yield said.words if said else ""
    yield _text(hook.resource, "comment")


def _labels(hook: _Hook, outcome: _Outcome) -> Iterator[tuple[str, str]]:
    yield "event-type", hook.eventType
    yield "result", outcome.result
    yield from outcome.labels
