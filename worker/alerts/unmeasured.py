"""States that rest on no measurement: of what is no longer looked at, and of what could not be measured."""

import re

from worker.domain.event import Event, Severity
from worker.domain.text import clean_line

LOW_CONFIDENCE = "Low confidence: "
_WORDS = {
    # Nobody measured that it is over: it was taken away, switched off, or its sender stopped looking.
    "vanished": "archived canceled cancelled deleted disabled expired inhibited missing missingseries muted orphaned "
    "outdated paused removed renamed silenced snoozed stale suppressed suspended unmonitored untracked unregistered "
    "vanished withdrawn",
    # Something is announced, and nobody knows whether anything is wrong.
    "without data": "datasourceerror datasourcenodata indeterminate insufficientdata missingdata nodata notreporting "
    "renodata stoppedreporting undetermined unknown",
}
_STATES = {word: kind for kind, words in _WORDS.items() for word in words.split()}
_BETWEEN_WORDS = re.compile(r"[\s._-]+")
# Longer than any of the words, so that one of a megabyte is not searched.
_LONGEST = 40


def is_vanished(word: object) -> bool:
    """Whether a state such as `paused` or `MissingSeries` says that nobody looks any more."""
    return _STATES.get(_spelt(word)) == "vanished"


def is_without_data(word: object) -> bool:
    """Whether a state such as `No Data` or `INSUFFICIENT_DATA` says that nothing could be measured."""
    return _STATES.get(_spelt(word)) == "without data"


def low_confidence(reason: str) -> str:
    """The first paragraph of what rests on no measurement."""
    return f"{LOW_CONFIDENCE}{reason}."


def doubted(event: Event, sender: str) -> Event:
    """The event with what it is worth as its first paragraph, and not as urgent as what was measured."""
    doubt = low_confidence(f"{clean_line(sender)} has no data, and does not know whether anything is wrong")
    told = "\n\n".join(filter(None, (doubt, event.description)))
    known = {name: getattr(event, name) for name in event.model_fields_set}
    return Event(**known | {"description": told, "severity": max(event.severity, Severity.MEDIUM)})


def _spelt(word: object) -> str:
    return _BETWEEN_WORDS.sub("", word).lower() if isinstance(word, str) and len(word) <= _LONGEST else ""
