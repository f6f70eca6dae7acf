"""YAML as a person writes it, with the line of each value; every scalar is the text that stands there.

So `on`, `no`, 007 and 2026-11-29 are what was written, and nothing else.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import yaml

Path = tuple[int | str, ...]
_DEEPEST = 20
# Of one document; references (`*name`) can make any number out of a few lines.
_MOST_VALUES = 10_000


class Unreadable(ValueError):
    """A document that is no YAML, or not as it is needed; with the line where that is."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(message)
        self.line = line
        self.message = message


@dataclass(frozen=True, slots=True)
class Document:
    value: object
    lines: Mapping[Path, int]

    def line(self, path: Sequence[int | str]) -> int:
        """Of the value there, or of the nearest one around it."""
        known = (self.lines.get(tuple(path[:length])) for length in range(len(path), -1, -1))
        return next(line for line in known if line is not None)


def read_documents(text: str) -> list[Document]:
    """Those between lines of `---`; raises Unreadable."""
    try:
        nodes = [node for node in yaml.compose_all(text, Loader=yaml.SafeLoader) if node is not None]
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        what = f"this is no YAML ({error.problem}); a value with : # @ * & or brackets stands in quotes"
        raise Unreadable(mark.line + 1 if mark else 1, what) from None
    except (yaml.YAMLError, RecursionError):
        raise Unreadable(1, "this is no YAML: a character is not allowed there, or it is nested too deep") from None
    return [_document(node) for node in nodes]


def _document(node: yaml.Node) -> Document:
    lines: dict[Path, int] = {}
    return Document(_value(node, (), lines), lines)


def _value(node: yaml.Node, path: Path, lines: dict[Path, int]) -> Any:
    lines.setdefault(path, node.start_mark.line + 1)
    if len(path) > _DEEPEST:
        raise Unreadable(node.start_mark.line + 1, "is nested too deep")
    if len(lines) > _MOST_VALUES:
        raise Unreadable(node.start_mark.line + 1, f"has more than {_MOST_VALUES:,} values, references included")
    if isinstance(node, yaml.MappingNode):
        return dict(_entries(node, path, lines))
    if isinstance(node, yaml.SequenceNode):
        return [_value(child, (*path, place), lines) for place, child in enumerate(node.value)]
    return str(node.value)


def _entries(node: yaml.MappingNode, path: Path, lines: dict[Path, int]) -> Iterator[tuple[str, Any]]:
    seen = set()
    for key, child in node.value:
        line = key.start_mark.line + 1
        if not isinstance(key, yaml.ScalarNode):
            raise Unreadable(line, "a name must be a word")
        if key.value in seen:
            raise Unreadable(line, f"{key.value} stands here for the second time")
        seen.add(key.value)
        lines[*path, key.value] = line
        yield key.value, _value(child, (*path, key.value), lines)
