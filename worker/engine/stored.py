"""What the steps of a playbook have come to, read from their checkpoints by whoever only looks at it."""

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel

from worker.domain.checkpoint import Checkpoint
from worker.domain.page import Page, Paged
from worker.domain.states import StepState
from worker.engine.pages import Pages
from worker.engine.step import Done, Entry, Playbook


def stored_results(playbook: Playbook, checkpoints: Mapping[str, Checkpoint]) -> Done:
    """The steps that are done, and the pages so far, those of steps that are not done among them."""
    pages = Pages()
    results: dict[type[Entry[Any]], BaseModel] = {}
    for step in playbook:
        if step.result is Paged:
            for page in _made(checkpoints, f"{step.name}:", Page):
                pages.note(page)
        for result in _made(checkpoints, step.name, step.result):
            results[type(step)] = result
            pages.note(result)
    return Done(results, pages)


def _made(checkpoints: Mapping[str, Checkpoint], name: str, kind: type[BaseModel]) -> Iterator[BaseModel]:
    """Of the step of this name, or of all parts where it ends in a colon."""
    for each in checkpoints.values():
        is_meant = each.name.startswith(name) if name.endswith(":") else each.name == name
        if is_meant and each.state is StepState.DONE and each.result is not None:
            yield kind.model_validate_json(each.result)
