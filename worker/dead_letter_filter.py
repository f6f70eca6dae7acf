"""Which dead letters are meant."""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from worker.dead_letters import Letter, browse, letter_of
from worker.service_bus import DeadLetterSlot, Message

_AGO = re.compile(r"(?P<number>\d{1,6})\s*(?P<unit>[smhdw])(\s*ago)?", re.IGNORECASE)
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


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


async def matching(slot: DeadLetterSlot, wanted: Filter) -> AsyncIterator[tuple[Message, Letter]]:
    """The oldest first; whoever names numbers does not wait for the end of thousands."""
    missing = set(wanted.sequences)
    async for message in browse(slot):
        letter = letter_of(message)
        if wanted.matches(letter):
            yield message, letter
        missing.discard(message.sequence)
        if wanted.sequences and not missing:
            return


def read_moment(text: str, now: datetime) -> datetime:
    """`2h` is two hours ago; else a moment in ISO 8601, by this machine's clock unless it names a zone.

    Raises ValueError with a sentence.
    """
    try:
        if ago := _AGO.fullmatch(text.strip()):
            return now - timedelta(**{_UNITS[ago["unit"].lower()]: int(ago["number"])})
        return datetime.fromisoformat(text.strip()).astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError(
            f"{text!r} is neither a time ago such as 30m, 2h or 1d nor a moment such as 2026-03-02T09:05"
        ) from None
