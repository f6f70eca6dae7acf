"""How a build, a run, stage or job of a pipeline, or a deployment of a release ended."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from worker.domain.text import clean_line


@dataclass(frozen=True, slots=True)
class Outcome:
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


def text_at(value: object, *path: str) -> str:
    found = _at(value, *path)
    return clean_line(str(found)) if isinstance(found, str | int) and not isinstance(found, bool) else ""


def _web(value: object) -> str:
    return text_at(value, "_links", "web", "href")


def _branch(reference: str) -> str:
    """`main`, of `refs/heads/main` and of the older `LG:refs/heads/main:600c52d2`."""
    named = reference.partition("refs/heads/")[2] or reference
    return named.partition(":")[0] if reference.startswith("LG:") else named


def _build(build: Mapping[str, Any]) -> Outcome:
    """The result stands in `status` in the first version of the resource, whose branch is within the commit."""
    requests = _at(build, "requests")
    first = requests[0] if isinstance(requests, list) and requests else None
    who = _at(build, "requestedFor") or _at(first, "requestedFor")
    branch = _branch(text_at(build, "sourceBranch") or text_at(build, "sourceGetVersion"))
    definition = text_at(build, "definition", "name")
    return Outcome(
        "Build",
        " ".join(filter(None, (definition, text_at(build, "buildNumber")))),
        text_at(build, "result") or text_at(build, "status"),
        ("build", text_at(build, "definition", "id") or definition, branch),
        [definition, branch],
        _at(build, "finishTime"),
        [(_web(build), "Build"), (_web(_at(build, "definition")), "Pipeline")],
        [
            ("definition", definition),
            ("branch", branch),
            ("reason", text_at(build, "reason")),
            ("requested-for", text_at(who, "displayName")),
            ("project", text_at(build, "project", "name")),
        ],
    )


def _of_pipeline(*path: str) -> Callable[[Mapping[str, Any]], Outcome]:
    def read(resource: Mapping[str, Any]) -> Outcome:
        """A run of a pipeline, or the stage or job of it that `path` leads to."""
        part, run = _at(resource, *path) or resource, _at(resource, "run")
        pipeline = _at(run, "pipeline") or _at(resource, "pipeline")
        of_run = path == ("run",)
        names = [text_at(resource, each, "displayName") or text_at(resource, each, "name") for each in ("stage", "job")]
        within = [name for name in names if name] if not of_run else []
        name, branch = text_at(pipeline, "name"), _branch(text_at(run, "resources", "repositories", "self", "refName"))
        return Outcome(
            {"run": "Run", "stage": "Stage", "job": "Job"}[path[0]],
            " / ".join(filter(None, (name, *within))) + f" {text_at(run, 'name')}".rstrip(),
            text_at(part, "result") or text_at(part, "state"),
            (path[0], text_at(pipeline, "id") or name, branch, *within),
            [name, *within, branch],
            _at(part, "finishTime") or _at(part, "finishedDate"),
            [(_web(part) or _web(run), "Run"), (text_at(part, "_links", "pipeline.web", "href"), "Pipeline")],
            [("pipeline", name), ("stage", within[0] if within else ""), ("branch", branch)],
        )

    return read


def _deployment(resource: Mapping[str, Any]) -> Outcome:
    environment = _at(resource, "environment")
    release = _at(environment, "release") or _at(resource, "release") or _at(resource, "deployment", "release")
    definition = (
        _at(environment, "releaseDefinition")
        or _at(resource, "deployment", "releaseDefinition")
        or _at(release, "releaseDefinition")
    )
    name, where = text_at(definition, "name"), text_at(environment, "name")
    return Outcome(
        "Deployment",
        " ".join(filter(None, (text_at(release, "name"), f"to {where}" if where else ""))),
        text_at(environment, "status") or text_at(resource, "deployment", "deploymentStatus"),
        ("deployment", text_at(definition, "id") or name, where),
        [name, where],
        _at(resource, "deployment", "completedOn"),
        [(_web(release), "Release"), (_web(definition), "Release pipeline")],
        [
            ("definition", name),
            ("environment", where),
            ("release", text_at(release, "name")),
            ("requested-for", text_at(resource, "deployment", "requestedFor", "displayName")),
            ("project", text_at(resource, "project", "name")),
        ],
    )


# By the event of the service hook, in lower case.
READERS: Mapping[str, Callable[[Mapping[str, Any]], Outcome]] = {
    "build.complete": _build,
    "ms.vss-release.deployment-completed-event": _deployment,
    "ms.vss-pipelines.run-state-changed-event": _of_pipeline("run"),
    "ms.vss-pipelines.stage-state-changed-event": _of_pipeline("stage"),
    "ms.vss-pipelines.job-state-changed-event": _of_pipeline("job"),
}
