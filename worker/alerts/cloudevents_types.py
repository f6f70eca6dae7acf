"""What the type of a CloudEvent says beside what it is about: that it begins, is acknowledged, over or unmeasured."""

import re
from dataclasses import dataclass

from worker.alerts.unmeasured import is_vanished, is_without_data
from worker.domain.event import EventType
from worker.domain.text import clean_line

_WORDS = {
    EventType.TRIGGER: "trigger triggered fired firing alerting raised open opened active activated started created",
    EventType.ACKNOWLEDGE: "acknowledge acknowledged ack acked",
    EventType.RESOLVE: "resolve resolved close closed clear cleared recovered inactive deactivated ended ok normal",
}
_STATES = {word: state for state, words in _WORDS.items() for word in words.split()}
# Whose state is that of a measurement. A machine that was deleted is an alert, and an alert that was deleted is none.
_CHECKS = {"alarm", "alert", "check", "detector", "heartbeat", "monitor", "probe", "problem", "rule", "series", "test"}
_OF_A_CHANGE = {"change", "changed", "event", "notification", "state", "status", "update", "updated"}
_VERSION = re.compile(r"[./_-]v?\d{1,4}\Z")
# The last word of `com.contoso.alert.fired`, of `alert_fired` and of `AlertFired`, and both of `AlertNoData`.
_LAST_WORD = re.compile(r"(?:(?:[Nn]o|[Mm]issing|[Ii]nsufficient)[._-]?(?:[Dd]ata|[Ss]eries)|[A-Z]?[a-z]+|[A-Z]+)\Z")
_BETWEEN_WORDS = "./_-"
# Longer than any of the words, so that a type of a megabyte is not searched.
_REACH = 20


@dataclass(frozen=True, slots=True)
class State:
    type: EventType
    reason: str = ""  # of what is no longer reported
    has_data: bool = True


@dataclass(frozen=True, slots=True)
class SaidByType:
    """`about` is the same in the types that begin and end one thing."""

    about: str
    state: State | None


def said_by(event_type: str) -> SaidByType:
    """A last word that tells no state, and a version behind it, are part of what the event is about."""
    about, word = _parted(_without_version(event_type))
    state = state_of(word, of_check=_is_check(about))
    return SaidByType(about, state) if state else SaidByType(event_type, None)


def is_about_check(event_type: str) -> bool:
    """Whether a state that its data tell is that of an alert or a check: as of `com.contoso.check.state_changed`."""
    about, word = _parted(_without_version(event_type))
    while word.lower() in _OF_A_CHANGE:
        about, word = _parted(about)
    return _is_check(word)


def state_of(word: object, *, of_check: bool) -> State | None:
    """None for what tells no state; `of_check`: of an alert or a check, and not of what is watched."""
    if not isinstance(word, str):
        return None
    if known := _STATES.get(word.strip().lower()):
        return State(known)
    if of_check and is_vanished(word):
        return State(EventType.NO_LONGER_REPORTED, reason=clean_line(word))
    if is_without_data(word) and (of_check or "data" in word.lower()):
        return State(EventType.TRIGGER, has_data=False)
    return None


def _without_version(event_type: str) -> str:
    version = _VERSION.search(event_type[-_REACH:])
    return event_type[: len(event_type) - len(version.group())] if version else event_type


def _parted(name: str) -> tuple[str, str]:
    """What stands before its last word, and that."""
    found = _LAST_WORD.search(name[-_REACH:])
    word = found.group() if found else ""
    return name[: len(name) - len(word)].rstrip(_BETWEEN_WORDS) if word else name, word


def _is_check(name: str) -> bool:
    return _parted(name)[1].lower().removesuffix("s") in _CHECKS or name.lower().endswith("series")
