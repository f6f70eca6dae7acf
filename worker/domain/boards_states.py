"""Which states of work items the operator wishes for those of the response, as a setting says it."""

import re
from collections.abc import Iterator

from worker.domain.response.state import ResponseState
from worker.domain.text import clean_line, quoted

_STATES = {state.value: state for state in ResponseState}
_TEXT_LIMIT = 2_000
_NAME_LIMIT = 128
_ENTRIES = re.compile(r"[,;\n]")
_EXAMPLE = "write acknowledged=Doing, resolved=Done"


def read_boards_states(text: str) -> tuple[tuple[ResponseState, str], ...]:
    """States of the response, each with the name of a work item's; empty for an empty text.

    Raises ValueError with a sentence that names what is not understood.
    """
    if len(text) > _TEXT_LIMIT:
        raise ValueError(f"is longer than {_TEXT_LIMIT} characters")
    wished = tuple(map(_pair, _entries(text)))
    named = [state for state, _ in wished]
    if twice := next((state for state in named if named.count(state) > 1), None):
        raise ValueError(f"{twice} is named twice: {_EXAMPLE}")
    return wished


def _entries(text: str) -> Iterator[str]:
    return filter(None, map(str.strip, _ENTRIES.split(text)))


def _pair(entry: str) -> tuple[ResponseState, str]:
    state, given, name = entry.partition("=")
    state, name = state.strip().casefold(), clean_line(name)
    if not given or not name:
        raise ValueError(f"{quoted(entry)!r} names no state of a work item: {_EXAMPLE}")
    if state not in _STATES:
        raise ValueError(f"{quoted(state)!r} is no state of the response; there are {', '.join(_STATES)}")
    if len(name) > _NAME_LIMIT:
        raise ValueError(f"the state for {state} is longer than {_NAME_LIMIT} characters")
    return _STATES[state], name
