"""The steps of a launch as the rows of a table."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from worker.domain.states import StepState
from worker.domain.text import clean_line
from worker.incidents.history import History, StepHistory


@dataclass(frozen=True, slots=True)
class Row:
    """One step as it is shown, or one part of a fan beneath its step."""

    name: str
    state: StepState
    attempt: int
    took: timedelta | None
    words: str
    address: str
    error: str
    ended_at: datetime | None
    begun_at: datetime | None
    retries: bool  # it waits, because its last try failed and another one will come

    @property
    def is_part(self) -> bool:
        return ":" in self.name

    @property
    def label(self) -> str:
        return "  " + self.name.partition(":")[2] if self.is_part else self.name


def rows(history: History, now: datetime) -> list[Row]:
    """The steps in the playbook's order, each with its parts beneath it, then what only an older playbook had.

    While the launch is still tried, a step whose last try failed waits for the next one, unless none will help it. What
    came to a result in which nothing stands is left out.
    """
    telling = (step for step in history.steps if not step.result or any(step.result.values()))
    parents = list(dict.fromkeys(step.name.partition(":")[0] for step in telling))
    return [row for name in parents for row in _with_parts(history, name, now)]


def _with_parts(history: History, name: str, now: datetime) -> Iterator[Row]:
    parts = [step for step in history.steps if step.name.startswith(f"{name}:")]
    for step in (_spanning(history.step(name), parts), *parts):
        retries = step.state is StepState.FAILED and not step.permanent and not history.has_ended
        yield _row(step, now, retries=retries)


def _spanning(step: StepHistory, parts: Sequence[StepHistory]) -> StepHistory:
    """The step of these parts: it has begun with the first, and is stored only once all are done."""
    if not parts:
        return step
    begun = min((part.begun_at for part in parts if part.begun_at), default=None)
    if step.state is not StepState.WAITING:
        return step.model_copy(update={"begun_at": begun})
    states = {part.state for part in parts}
    failed = StepState.FAILED in states and StepState.BEGUN not in states
    ended = max((part.ended_at for part in parts if part.ended_at), default=None) if failed else None
    return StepHistory(
        name=step.name,
        state=StepState.FAILED if failed else StepState.BEGUN,
        attempt=max(part.attempt for part in parts),
        begun_at=begun,
        ended_at=ended,
        permanent=any(part.permanent for part in parts),
    )


def _address(result: Mapping[str, Any] | None) -> str:
    """Where what the step made can be looked at, if it says so."""
    url = (result or {}).get("url")
    return clean_line(url) if isinstance(url, str) and url.startswith(("http://", "https://")) else ""


def _row(step: StepHistory, now: datetime, *, retries: bool) -> Row:
    until = now if step.state is StepState.BEGUN else step.ended_at
    return Row(
        name=step.name,
        state=StepState.WAITING if retries else step.state,
        attempt=step.attempt,
        took=max(until - step.begun_at, timedelta()) if until and step.begun_at else None,
        words=clean_line(step.made),
        address=_address(step.result),
        error=clean_line(step.error or ""),
        ended_at=step.ended_at,
        begun_at=step.begun_at,
        retries=retries,
    )
