"""One dead letter whole: what was sent, what is known of its incident, and what a replay would do."""

import json
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any

from pydantic import BaseModel, computed_field

from worker.dead_letters.browse import DecodedLetter, Letter, letter_of
from worker.dead_letters.discard import body_of
from worker.dead_letters.outcome import ItemOutcome, ItemResult
from worker.domain.audit import AuditRecord
from worker.domain.states import StepState
from worker.incidents.history import History

_WILL = {
    StepState.DONE: "be skipped: it is done",
    StepState.BEGUN: "be looked for, then run",
    StepState.FAILED: "run again",
    StepState.WAITING: "run",
}


class ExportedLetter(Letter, frozen=True):
    """The shape of a line of `export`, to which fields may be added: with this, a message can be sent anew."""

    headers: dict[str, str]
    properties: dict[str, Any]
    body: str | None = None
    body_base64: str | None = None


class StepOutlook(BaseModel, frozen=True):
    name: str
    state: StepState
    will: str


class LetterPage(BaseModel, frozen=True):
    """The shape of `show --json`, to which fields may be added; `trouble` says why the store could not be asked."""

    letter: ExportedLetter
    replay: ItemOutcome
    history: History | None = None
    audit: Sequence[AuditRecord] = ()
    trouble: str | None = None

    @computed_field  # type: ignore[prop-decorator]
    @property
    def steps(self) -> list[StepOutlook]:
        """What a replay would do with each step that the incident's launch had, in the playbook's order."""
        if self.history is None or self.replay.result is not ItemResult.DONE:
            return []
        return [
            StepOutlook(name=step.name, state=step.state, will=_WILL[step.state])
            for step in self.history.steps
            if ":" not in step.name
        ]

    @computed_field  # type: ignore[prop-decorator]
    @property
    def outlook(self) -> str:
        """What a replay would do, in a sentence."""
        if self.replay.result is not ItemResult.DONE:
            return self.replay.sentence
        if self.trouble:
            return "What is done of the launch is not known; a replay does what is missing."
        if self.replay.incident_id is None:
            return "A replay would send it as it is, and it would come back: it is no event."
        if self.history is None:
            return "A replay would launch it from the start: no step of it has been begun."
        done = sum(step.state is StepState.DONE for step in self.steps)
        return f"A replay would go on with the launch: of {len(self.steps)} steps {done} are done and are skipped."


def exported(decoded: DecodedLetter) -> ExportedLetter:
    message = decoded.message
    return ExportedLetter(
        **letter_of(decoded).model_dump(exclude={"step", "cause"}),
        headers=message.headers,
        properties=message.properties,
        **body_of(message),
    )


def readable_body(letter: ExportedLetter) -> Iterator[str]:
    """Line by line: indented where it is JSON."""
    text = letter.body if letter.body is not None else f"(binary, in base 64) {letter.body_base64}"
    with suppress(ValueError, RecursionError):
        text = json.dumps(json.loads(text), indent=2, ensure_ascii=False)
    yield from text.splitlines()
