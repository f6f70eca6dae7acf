"""What the type of a CloudEvent says beside what it is about: that it begins, is acknowledged or is over."""

import re
from dataclasses import dataclass

from worker.domain.event import EventType

_WORDS = {
    EventType.TRIGGER: "trigger triggered fired firing alerting raised open opened active activated started created",
    EventType.ACKNOWLEDGE: "acknowledge acknowledged ack acked",
    EventType.RESOLVE: "resolve resolved close closed clear cleared recovered inactive deactivated ended ok normal",
}
_STATES = {word: state for state, words in _WORDS.items() for word in words.split()}
_VERSION = re.compile(r"[./_-]v?\d{1,4}\Z")
# The last word of `com.contoso.alert.fired`, of `alert_fired` and of `AlertFired`.
_LAST_WORD = re.compile(r"(?:[A-Z]?[a-z]+|[A-Z]+)\Z")
# Longer than any of the words, so that a type of a megabyte is not searched.
_REACH = 20


@dataclass(frozen=True, slots=True)
class SaidByType:
    """`about` is the same in the types that begin and end one thing."""

    about: str
    state: EventType | None


def said_by(event_type: str) -> SaidByType:
    """A last word that tells no state, and a version behind it, are part of what the event is about."""
    version = _VERSION.search(event_type[-_REACH:])
    whole = event_type[: len(event_type) - len(version.group())] if version else event_type
    word = _LAST_WORD.search(whole[-_REACH:])
    state = state_of(word.group()) if word else None
    if word is None or state is None:
        return SaidByType(event_type, None)
    return SaidByType(whole[: -len(word.group())].rstrip("./_-"), state)


def state_of(word: object) -> EventType | None:
    return _STATES.get(word.strip().lower()) if isinstance(word, str) else None
