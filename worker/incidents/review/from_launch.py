"""What the launch did: each step with how long it took, what failed, and when it was launched."""

from collections.abc import Iterator, Mapping
from datetime import datetime

from worker.domain.states import LaunchState, StepState
from worker.incidents.figures.known_incident import KnownIncident
from worker.incidents.history import StepHistory
from worker.incidents.review.timeline_event import TimelineEvent, TimelineLink, TimelineSource

_WEB = ("http://", "https://")


def launch_events(known: KnownIncident) -> Iterator[TimelineEvent]:
    for number, step in enumerate(known.history.steps, start=1):
        at = step.ended_at or step.begun_at
        if at is not None and step.state is not StepState.WAITING:
            yield _of_step(number, step, at)
    history, number = known.history, len(known.history.steps) + 1
    if history.launched_at is not None:
        attempts = f" at attempt {history.attempts}" if history.attempts > 1 else ""
        took = (history.launched_at - history.received_at).total_seconds()
        text = f"Launched within {max(took, 0):.1f} s{attempts}."
        yield _event(number, history.launched_at, "launched", text, key=True)
    elif history.state is LaunchState.FAILED:
        last = max((step.ended_at for step in history.steps if step.ended_at), default=history.first_attempt_at)
        yield _event(number, last, "launch-failed", f"The launch was given up: {history.failure or ''}", key=True)


def _of_step(number: int, step: StepHistory, at: datetime) -> TimelineEvent:
    made = f": {step.made}" if step.made else ""
    took = f" ({step.seconds:.1f} s)" if step.seconds is not None else ""
    again = f", attempt {step.attempt}" if step.attempt > 1 else ""
    match step.state:
        case StepState.DONE:
            text = f"{step.name}{made}{took}{again}"
        case StepState.FAILED:
            text = f"{step.name} failed{again}: {step.error or ''}"
        case _:
            text = f"{step.name} began{again}, and its end is not known"
    data = {"step": step.name, "state": step.state.value, "attempt": step.attempt, "seconds": step.seconds}
    return _event(number, at, f"step-{step.state.value}", text, data=data, links=links_of(step))


def links_of(step: StepHistory) -> tuple[TimelineLink, ...]:
    """Where what it made can be looked at."""
    url = (step.result or {}).get("url")
    is_there = isinstance(url, str) and url.startswith(_WEB)
    return (TimelineLink(text=step.made or step.name, url=str(url)),) if is_there else ()


def _event(
    seq: int,
    at: datetime,
    kind: str,
    text: str,
    *,
    key: bool = False,
    data: Mapping[str, object] | None = None,
    links: tuple[TimelineLink, ...] = (),
) -> TimelineEvent:
    return TimelineEvent(
        at=at,
        recorded_at=at,
        source=TimelineSource.LAUNCH,
        seq=seq,
        kind=kind,
        actor="Tocsin",
        text=text,
        data=dict(data or {}),
        links=links,
        key=key,
    )
