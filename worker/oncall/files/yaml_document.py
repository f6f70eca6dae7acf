"""YAML as a person writes it: every scalar is the text that stands there, but for what says nothing.

So `no`, `09:00`, 007 and 2026-11-29 are what was written; a bare `null`, `~` or no value at all is None.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

from worker.oncall.files.document import DEEPEST, MOST_VALUES, Document, Fault, Path, Unreadable, stands_twice

# libyaml's parser is twenty times as quick. Only its composer runs out of stack in what is nested deep.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_NULLS = frozenset({"", "~", "null", "Null", "NULL"})


@dataclass(slots=True)
class _Reading:
    """`anchors`: what each name (`&name`) stands for, and of how many values that is."""

    events: Iterator[yaml.Event]
    lines: dict[Path, int] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    anchors: dict[str, tuple[Any, int]] = field(default_factory=dict)
    values: int = 0


def read_yaml(text: str) -> Document:
    """One document; raises Unreadable."""
    try:
        return _document(_Reading(iter(yaml.parse(text, Loader=_LOADER))))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        what = f"this is no YAML ({error.problem}); a value with : # @ * & or brackets stands in quotes"
        raise Unreadable(mark.line + 1 if mark else 1, what) from None
    except yaml.YAMLError:
        raise Unreadable(1, "this is no YAML: it holds a character that is not allowed there") from None


def _document(reading: _Reading) -> Document:
    value: Any = None
    documents = 0
    for event in reading.events:
        if isinstance(event, yaml.DocumentStartEvent):
            documents += 1
            if documents > 1:
                raise Unreadable(_line(event), "a second document begins here; write all into one")
            value = _value(reading, next(reading.events), ())
    return Document(value, reading.lines, reading.faults)


def _value(reading: _Reading, event: yaml.Event, path: Path) -> Any:
    line = _line(event)
    reading.lines.setdefault(path, line)
    if len(path) > DEEPEST:
        raise Unreadable(line, "is nested too deep")
    before = reading.values
    value = _referred(reading, event) if isinstance(event, yaml.AliasEvent) else _own_value(reading, event, path)
    reading.values += 1
    if reading.values > MOST_VALUES:
        raise Unreadable(line, f"more than {MOST_VALUES:,} values, references included")
    anchor = event.anchor if isinstance(event, yaml.NodeEvent) else None
    if anchor and not isinstance(event, yaml.AliasEvent):
        reading.anchors[anchor] = (value, reading.values - before)
    return value


def _own_value(reading: _Reading, event: yaml.Event, path: Path) -> Any:
    if isinstance(event, yaml.MappingStartEvent):
        return _mapping(reading, path)
    if isinstance(event, yaml.SequenceStartEvent):
        return _sequence(reading, path)
    assert isinstance(event, yaml.ScalarEvent)  # noqa: S101 (nothing else is a value)
    return None if event.implicit[0] and event.value in _NULLS else str(event.value)


def _referred(reading: _Reading, event: yaml.AliasEvent) -> Any:
    if event.anchor not in reading.anchors:
        raise Unreadable(_line(event), f"*{event.anchor} refers to nothing that stands above it")
    value, values = reading.anchors[event.anchor]
    reading.values += values
    return value


def _sequence(reading: _Reading, path: Path) -> list[Any]:
    found: list[Any] = []
    while not isinstance(event := next(reading.events), yaml.SequenceEndEvent):
        found.append(_value(reading, event, (*path, len(found))))
    return found


def _mapping(reading: _Reading, path: Path) -> dict[str, Any]:
    found: dict[str, Any] = {}
    while not isinstance(event := next(reading.events), yaml.MappingEndEvent):
        if not isinstance(event, yaml.ScalarEvent):
            raise Unreadable(_line(event), "a name must be a word")
        name = (*path, str(event.value))
        if event.value in found:
            # Its line is that of the second, which is the one to take out.
            reading.faults.append(stands_twice(name))
        reading.lines[name] = _line(event)
        found[str(event.value)] = _value(reading, next(reading.events), name)
    return found


def _line(event: yaml.Event) -> int:
    return event.start_mark.line + 1 if event.start_mark else 1
