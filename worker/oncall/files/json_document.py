"""JSON with the line of each value, and with each name that stands twice."""

import json
import re
from bisect import bisect_right
from typing import Any, NoReturn

from worker.oncall.files.document import DEEPEST, Document, Fault, Path, Unreadable, stands_twice

_SPACE = re.compile(r"[ \t\r\n]*")


def read_json(text: str) -> Document:
    """Raises Unreadable."""
    return _Reading(text).document()


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no value")


class _Reading:
    """The standard library reads each single value; what holds several is walked here, where its line is known."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._place = 0
        self._breaks = [found.start() for found in re.finditer("\n", text)]
        self._decoder = json.JSONDecoder(parse_constant=_refuse_constant)
        self._lines: dict[Path, int] = {}
        self._faults: list[Fault] = []

    def document(self) -> Document:
        if not self._next():
            return Document(None)
        value = self._value(())
        if self._next():
            self._fail("something stands behind the end")
        return Document(value, self._lines, self._faults)

    def _value(self, path: Path) -> Any:
        self._lines.setdefault(path, self._line())
        if len(path) > DEEPEST:
            self._fail("is nested too deep")
        match self._next():
            case "{":
                return self._object(path)
            case "[":
                return self._array(path)
        return self._single()

    def _object(self, path: Path) -> dict[str, Any]:
        found: dict[str, Any] = {}
        self._place += 1
        more = not self._take("}")
        while more:
            if self._next() != '"':
                self._fail("a name in double quotes is missing")
            line = self._line()
            name = self._single()
            if name in found:
                self._faults.append(stands_twice((*path, name)))
            self._lines[*path, name] = line
            if not self._take(":"):
                self._fail("a colon is missing")
            found[name] = self._value((*path, name))
            more = self._has_more("}")
        return found

    def _array(self, path: Path) -> list[Any]:
        found: list[Any] = []
        self._place += 1
        more = not self._take("]")
        while more:
            self._next()
            found.append(self._value((*path, len(found))))
            more = self._has_more("]")
        return found

    def _has_more(self, end: str) -> bool:
        if self._take(","):
            return True
        if not self._take(end):
            self._fail(f"a comma or {end} is missing")
        return False

    def _single(self) -> Any:
        try:
            value, self._place = self._decoder.raw_decode(self._text, self._place)
        except json.JSONDecodeError as error:
            self._place = error.pos
            self._fail(error.msg)
        except ValueError:
            self._fail("this number is none that can be read")
        return value

    def _next(self) -> str:
        """The next character that is no space; empty at the end."""
        space = _SPACE.match(self._text, self._place)
        self._place = space.end() if space else self._place
        return self._text[self._place : self._place + 1]

    def _take(self, character: str) -> bool:
        if self._next() != character:
            return False
        self._place += 1
        return True

    def _line(self) -> int:
        return bisect_right(self._breaks, self._place - 1) + 1

    def _fail(self, what: str) -> NoReturn:
        raise Unreadable(self._line(), f"this is no JSON: {what[:1].lower()}{what[1:]}")
