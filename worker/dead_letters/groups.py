"""Dead letters that have one cause, counted as one group."""

from collections.abc import Iterable
from datetime import datetime

from pydantic import BaseModel

from worker.dead_letters.browse import Letter


class LetterGroup(BaseModel, frozen=True):
    """The shape of `--json`, to which fields may be added; times are those at which the messages were sent."""

    cause: str
    step: str | None
    count: int
    oldest: datetime
    newest: datetime
    example: Letter


class Grouping:
    """Takes letters one by one and keeps none but the newest example of each group."""

    def __init__(self) -> None:
        self._groups: dict[tuple[str, str | None], LetterGroup] = {}

    def add(self, letter: Letter) -> None:
        key = (letter.cause, letter.step)
        known = self._groups.get(key)
        self._groups[key] = _first(letter) if known is None else _with(known, letter)

    def groups(self) -> list[LetterGroup]:
        """The largest first."""
        return sorted(self._groups.values(), key=lambda group: (-group.count, group.cause, group.step or ""))


def grouped(letters: Iterable[Letter]) -> list[LetterGroup]:
    grouping = Grouping()
    for letter in letters:
        grouping.add(letter)
    return grouping.groups()


def _first(letter: Letter) -> LetterGroup:
    moment = letter.enqueued_at
    return LetterGroup(cause=letter.cause, step=letter.step, count=1, oldest=moment, newest=moment, example=letter)


def _with(group: LetterGroup, letter: Letter) -> LetterGroup:
    newer = letter.enqueued_at >= group.newest
    return group.model_copy(
        update={
            "count": group.count + 1,
            "oldest": min(group.oldest, letter.enqueued_at),
            "newest": max(group.newest, letter.enqueued_at),
            "example": letter if newer else group.example,
        }
    )
