"""`--set path=value`: one value of an event, changed by hand before it is replayed."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from worker.alerts.formats.native import read_severity
from worker.alerts.severities import UNCHANGED, Severities
from worker.domain.errors import Rejected
from worker.domain.event import Event

# What these hold is no text; their parts are.
_COMPOSED = frozenset({"links", "labels"})
_ABSENT = "null"


@dataclass(frozen=True, slots=True)
class Edit:
    path: tuple[str, ...]
    text: str

    @property
    def name(self) -> str:
        return ".".join(self.path)


def read_edit(text: str, severities: Severities = UNCHANGED) -> Edit:
    """From `labels.region=eu`; raises ValueError with a sentence."""
    name, separator, value = text.partition("=")
    path = tuple(part.strip() for part in name.split("."))
    if not separator or not all(path):
        raise ValueError(f"{text!r} is not of the form path=value, such as severity=1 or labels.region=eu")
    if path[0] not in Event.model_fields:
        raise ValueError(f"an event has no field {path[0]!r}; its fields are {', '.join(Event.model_fields)}")
    if len(path) > 1 and path[0] not in (*_COMPOSED, "raw"):
        raise ValueError(f"{path[0]!r} has no parts")
    if path[0] in {"raw", "type"}:
        raise ValueError(f"{path[0]!r} says what was received, and stays as it is")
    if path == ("severity",) and value != _ABSENT:
        return Edit(path, _number_of(value, severities))
    return Edit(path, value)


def _number_of(severity: str, severities: Severities) -> str:
    try:
        return str(read_severity(severity, severities).value)
    except ValueError as error:
        raise ValueError(f"severity {error}") from None


def edited(content: Mapping[str, Any], edits: Sequence[Edit]) -> dict[str, Any]:
    """A copy with the edits; `null` takes a value out. Raises Rejected where a path leads nowhere."""
    copy: dict[str, Any] = json.loads(json.dumps(content))
    for edit in edits:
        _apply(copy, edit)
    return copy


def _apply(content: dict[str, Any], edit: Edit) -> None:
    *way, last = edit.path
    place: Any = content
    for part in way:
        place = _into(place, part, edit)
    if edit.text == _ABSENT:
        _take_out(place, last, edit)
    elif isinstance(place, list):
        place[_index(place, last, edit)] = _value(edit)
    elif isinstance(place, dict):
        place[last] = _value(edit)
    else:
        raise _nowhere(edit)


def _into(place: Any, part: str, edit: Edit) -> Any:
    if isinstance(place, list):
        return place[_index(place, part, edit)]
    if isinstance(place, dict):
        return place.setdefault(part, {} if part == "labels" else None)
    raise _nowhere(edit)


def _take_out(place: Any, last: str, edit: Edit) -> None:
    if isinstance(place, list):
        del place[_index(place, last, edit)]
    elif isinstance(place, dict):
        place.pop(last, None)
    else:
        raise _nowhere(edit)


def _index(place: list[Any], part: str, edit: Edit) -> int:
    if not part.isdecimal() or int(part) >= len(place):
        raise _nowhere(edit)
    return int(part)


def _value(edit: Edit) -> Any:
    if len(edit.path) > 1 or edit.path[0] not in _COMPOSED:
        return edit.text
    try:
        return json.loads(edit.text)
    except ValueError:
        raise Rejected(f"--set {edit.name}: {edit.path[0]} is written as JSON, and this is none.") from None


def _nowhere(edit: Edit) -> Rejected:
    return Rejected(f"--set {edit.name}: the event has no such place.")
