"""What became of each dead letter that was meant, and the sum of it."""

from collections import Counter
from collections.abc import Sequence
from enum import StrEnum

from pydantic import BaseModel, computed_field


class Fate(StrEnum):
    DONE = "done"
    SKIPPED = "skipped"  # there is a reason to leave it, which --force overrules
    GONE = "gone"  # somebody else took it out in the meantime
    FAILED = "failed"  # it is still there, for the reason that the sentence gives
    LEFT = "left"  # it is still there, untouched: its turn did not come


class Outcome(BaseModel, frozen=True):
    """The shape of `--json`, to which fields may be added."""

    sequence_number: int
    fate: Fate
    incident_id: str | None = None
    new_message_id: str | None = None
    sentence: str = ""


class Summary(BaseModel, frozen=True):
    """The shape of `--json`, to which fields may be added. The counts of the five fates add up to `selected`."""

    action: str
    dry_run: bool
    outcomes: Sequence[Outcome]

    @computed_field  # type: ignore[prop-decorator]
    @property
    def selected(self) -> int:
        return len(self.outcomes)

    @computed_field  # type: ignore[prop-decorator]
    @property
    def counts(self) -> dict[Fate, int]:
        """In a dry run, `done` is what would be."""
        counted = Counter(outcome.fate for outcome in self.outcomes)
        return {fate: counted[fate] for fate in Fate}

    @property
    def is_whole(self) -> bool:
        return all(outcome.fate in {Fate.DONE, Fate.GONE} for outcome in self.outcomes)
