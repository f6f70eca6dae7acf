"""Azure DevOps tells of what ended, and only what failed begins something."""

import pytest
from alert_examples import event_of, example, findings, ignored_of, varied
from mutations import altered

from worker.alerts.format import NotThisFormat
from worker.alerts.formats import FORMATS
from worker.domain.event import Event, EventType, Severity

RESULT = ("resource", "result")


def run(**more):
    resource = {
        "run": {"pipeline": {"id": 4, "name": "ci"}, "name": "12", "finishedDate": "2026-03-02T09:00:00Z"} | more
    }
    return {"eventType": "ms.vss-pipelines.run-state-changed-event", "resource": resource}


@pytest.mark.parametrize(
    ("result", "kind", "severity"),
    [
        ("failed", "trigger", 3),
        ("partiallySucceeded", "trigger", 4),
        ("succeededWithIssues", "trigger", 4),
        ("Succeeded", "resolve", 3),
    ],
)
def test_a_result_begins_or_ends(result, kind, severity):
    """What succeeds only in part has not recovered."""
    event = event_of(varied("azure-devops-build", *RESULT, value=result))
    assert (event.type, event.severity) == (kind, Severity(severity))


@pytest.mark.parametrize("result", ["canceled", "stopped", "skipped", "inProgress"])
def test_what_measured_nothing_is_neither(result):
    """A run that was called off or goes on ends no failure and is none."""
    assert "tells neither" in ignored_of(varied("azure-devops-build", *RESULT, value=result)).reason


@pytest.mark.parametrize("result", ["exploded", "", 7])
def test_an_unknown_result_is_told_with_low_confidence(result):
    """Whatever word comes, nobody is told that all is well."""
    resource = example("azure-devops-build")["resource"] | {"result": result, "status": None}
    event = event_of({"eventType": "build.complete", "resource": resource})
    assert event.type is EventType.TRIGGER
    assert event.description.startswith("Low confidence: ")


@pytest.mark.parametrize(
    ("said", "kind"),
    [("Build 1 failed", "trigger"), ("Build 1 Partially Succeeded.", "trigger"), ("Build 1 canceled", None)],
)
def test_the_message_tells_what_a_hook_leaves_out(said, kind):
    """A hook may be set to send nothing of the resource."""
    [found] = findings({"eventType": "build.complete", "resource": None, "message": {"text": said}})
    assert (found.type if isinstance(found, Event) else None) == kind


def test_a_success_of_nobody_knows_what_ends_nothing():
    """Without the resource it is not known which pipeline has succeeded."""
    payload = {"eventType": "build.complete", "resource": None, "message": {"text": "Build 1 succeeded"}}
    assert "does not say what" in ignored_of(payload).reason


def test_both_versions_of_a_build_are_of_one_pipeline():
    """The branch of the older one stands within its commit, and is the same."""
    assert (
        event_of(example("azure-devops-build-older")).fingerprint == event_of(example("azure-devops-build")).fingerprint
    )


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("resource", "sourceBranch"), "refs/heads/release"),
        (("resource", "definition", "id"), 47),
        (("resourceContainers", "project", "id"), "another"),
    ],
)
def test_another_pipeline_branch_or_project_is_another_alert(path, value):
    """A success on one branch ends nothing on another."""
    other = event_of(altered(example("azure-devops-build"), *path, value=value))
    assert other.fingerprint != event_of(example("azure-devops-build")).fingerprint


@pytest.mark.parametrize(
    ("payload", "kind"),
    [
        (run(state="completed", result="failed"), "trigger"),
        (run(state="completed", result="succeeded"), "resolve"),
        (run(state="completed", result="canceled"), None),
        (run(state="inProgress"), None),
    ],
)
def test_a_run_is_told_when_it_is_completed(payload, kind):
    """Its states on the way are no alerts."""
    [found] = findings(payload)
    assert (found.type if isinstance(found, Event) else None) == kind


@pytest.mark.parametrize(
    "event_type",
    [
        "git.pullrequest.merged",
        "workitem.updated",
        "ms.vss-release.deployment-approval-pending-event",
        "ms.vss-release.deployment-started-event",
        "ms.vss-pipelinechecks-events.approval-completed",
    ],
)
def test_other_hooks_launch_nothing(event_type):
    """Whatever words they hold."""
    payload = altered(example("azure-devops-build"), "eventType", value=event_type)
    assert "launches nothing" in ignored_of(payload).reason


def test_a_hook_without_its_event_is_refused():
    """The field is named."""
    with pytest.raises(NotThisFormat, match="eventType: must be the event of the service hook"):
        FORMATS["azure-devops"].read({"eventType": " ", "resource": {}})


@pytest.mark.parametrize("event_type", ["build.complete", "ms.vss-pipelines.run-state-changed-event"])
@pytest.mark.parametrize("resource", [None, {"id": 2, "url": "https://dev.azure.example/builds/2"}])
def test_what_sends_little_of_its_resource_is_called_as_its_message_says(event_type, resource):
    """Two pipelines that fail never read the same."""
    hook = {"eventType": event_type, "message": {"text": "Shop 20261129.1 failed"}, "resource": resource}
    assert event_of(hook).title == "Shop 20261129.1 failed"
