"""What became of each dead letter that was meant, and the sum of it."""

from collections import Counter
from collections.abc import Sequence
from enum import StrEnum

from pydantic import BaseModel, computed_field


class ItemResult(StrEnum):
    DONE = "done"
    SKIPPED = "skipped"  # there is a reason to leave it, which --force overrules
    GONE = "gone"  # somebody else took it out in the meantime
    FAILED = "failed"  # it is still there, for the reason that the sentence gives
    LEFT = "left"  # it is still there, untouched: its turn did not come


class ItemOutcome(BaseModel, frozen=True):
    """The shape of `--json`, to which fields may be added."""

    sequence_number: int
    result: ItemResult
    incident_id: str | None = None
    new_message_id: str | None = None
    sentence: str = ""


class Summary(BaseModel, frozen=True):
    """The shape of `--json`, to which fields may be added. The counts of the five results add up to `selected`."""

    action: str
    dry_run: bool
    outcomes: Sequence[ItemOutcome]

    @computed_field  # type: ignore[prop-decorator]
    @property
    def selected(self) -> int:
        return len(self.outcomes)

    @computed_field  # type: ignore[prop-decorator]
    @property
    def counts(self) -> dict[ItemResult, int]:
        """In a dry run, `done` is what would be."""
        counted = Counter(outcome.result for outcome in self.outcomes)
        return {result: counted[result] for result in ItemResult}

    @property
    def is_whole(self) -> bool:
        return all(outcome.result in {ItemResult.DONE, ItemResult.GONE} for outcome in self.outcomes)
