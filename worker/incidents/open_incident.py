"""An incident that is open, as whoever is about to raise another one is told of it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pydantic import BaseModel, Field

from worker.domain.event import Severity
from worker.domain.response.response import Response
from worker.domain.states import LaunchState, StepState
from worker.incidents.history import History
from worker.incidents.response import ShownResponse, listed_response

OPEN_STATES = frozenset(LaunchState) - {LaunchState.FAILED}
# The steps of a launch that say it, the best first; a test holds these names against the playbook's.
HOLDER_STEP, ROSTER_STEP = "assign:owner", "find-on-call"
PLACE_STEPS = ("create-channel", "create-work-item")


class OpenIncident(BaseModel, frozen=True):
    """The shape of `open` over HTTP, to which fields may be added."""

    incident_id: str = Field(examples=["inc-4h7k2m9xqz"])
    title: str = Field(examples=["Checkout is down"])
    severity: Severity = Field(description="Of its event; its alerts may have raised it since.")
    service: str = Field(examples=["checkout"])
    has_it: str = Field(
        description="Who owns it, else who is on call for it; empty while that is not known.", examples=["Amara Okafor"]
    )
    url: str | None = Field(description="Of its channel, else of its work item.")
    status_url: str = Field(description="Where its launch can be followed, on this server.")
    received_at: datetime
    response: ShownResponse | None = Field(default=None, description="How the response stands, once it has begun.")


def open_incident(history: History, response: Response | None = None) -> OpenIncident:
    event = history.event
    return OpenIncident(
        incident_id=history.incident_id,
        title=event.shown_title,
        severity=event.severity,
        service=event.service,
        has_it=response.owner.name if response is not None and response.owner is not None else _has_it(history),
        url=next(filter(None, (_text(_result(history, step), "url") for step in PLACE_STEPS)), None),
        status_url=f"/v1/incidents/{history.incident_id}",
        received_at=history.received_at,
        response=listed_response(response, history.launched_at) if response is not None else None,
    )


def why_ended(history: History, response: Response | None = None) -> str | None:
    """Why nobody is at work on it, as a part of a sentence; None while it is open."""
    if response is not None and not response.is_running:
        into = f" into {response.merged_into}" if response.merged_into else ""
        return f"it is {response.state}{into}"
    if history.state is LaunchState.FAILED:
        return "its launch was given up"
    if history.alerts is not None and history.alerts.resolved_at is not None:
        return "all its alerts have resolved"
    return None


def _has_it(history: History) -> str:
    if holder := _text(_result(history, HOLDER_STEP), "holder"):
        return holder
    people = _result(history, ROSTER_STEP).get("people")
    named = [_text(each, "name") for each in people if isinstance(each, dict)] if isinstance(people, list) else []
    return ", ".join(filter(None, named))


def _result(history: History, step: str) -> Mapping[str, Any]:
    made = history.step(step)
    return (made.result or {}) if made.state is StepState.DONE else {}


def _text(result: Mapping[str, Any], name: str) -> str:
    value = result.get(name)
    return value if isinstance(value, str) else ""
