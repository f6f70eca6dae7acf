"""Which dead letters are meant."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime

from worker.dead_letters.browse import DeadLetters, DecodedLetter, Letter, letter_of


@dataclass(frozen=True, slots=True)
class Filter:
    """What is left empty lets all pass; of several values one is enough."""

    sequences: frozenset[int] = frozenset()
    incidents: frozenset[str] = frozenset()
    reasons: frozenset[str] = frozenset()
    steps: frozenset[str] = frozenset()
    since: datetime | None = None
    until: datetime | None = None

    def matches(self, letter: Letter) -> bool:
        return (
            (not self.sequences or letter.sequence_number in self.sequences)
            and (not self.incidents or letter.incident_id in self.incidents)
            and (not self.reasons or bool(self.reasons & {letter.reason.casefold(), letter.cause.casefold()}))
            and (not self.steps or letter.step in self.steps)
            and (self.since is None or letter.enqueued_at >= self.since)
            and (self.until is None or letter.enqueued_at <= self.until)
        )


async def matching(dead_letters: DeadLetters, wanted: Filter) -> AsyncIterator[tuple[DecodedLetter, Letter]]:
    """The oldest first; whoever names numbers does not wait for the end of thousands."""
    missing = set(wanted.sequences)
    async for message in dead_letters.receiver.browse():
        decoded = await dead_letters.decode(message)
        letter = letter_of(decoded)
        if wanted.matches(letter):
            yield decoded, letter
        missing.discard(message.sequence)
        if wanted.sequences and not missing:
            return
