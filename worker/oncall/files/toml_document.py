"""TOML with the line of each value: the standard library reads it, and says nothing of lines."""

import re
import tomllib
from typing import Any

from worker.oncall.files.document import DEEPEST, Document, Path, Unreadable

_SPACE = re.compile(r"[ \t]*")
_BLANK = re.compile(r"(?:[ \t\r\n]+|#[^\n]*)*")
_NAME = re.compile(r"[A-Za-z0-9_-]+|\"(?:[^\"\\]|\\.)*\"|'[^']*'")
_TEXT = re.compile(
    r"\"\"\"(?:[^\\\"]|\\.|\"{1,2}(?!\"))*\"{3,5}|'''(?:[^']|'{1,2}(?!'))*'{3,5}|\"(?:[^\"\\]|\\.)*\"|'[^']*'",
    re.DOTALL,
)
_BARE = re.compile(r"[^,\]}\n#]+")
_PLACED = re.compile(r"(?P<what>.*?) \(at line (?P<line>\d+), column \d+\)", re.DOTALL)
# A name of many parts takes the square of their number to read.
_MOST_DOTS = 1_000


def read_toml(text: str) -> Document:
    """Raises Unreadable."""
    for number, line in enumerate(text.split("\n"), start=1):
        if line.count(".") > _MOST_DOTS:
            raise Unreadable(number, f"more than {_MOST_DOTS:,} dots stand in one line; write it in several")
    try:
        value = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        placed = _PLACED.fullmatch(str(error))
        what = placed["what"] if placed else str(error).removesuffix(" (at end of document)")
        end = text.count("\n") + 1
        raise Unreadable(int(placed["line"]) if placed else end, f"this is no TOML: {what}") from None
    except RecursionError:
        raise Unreadable(1, "is nested too deep") from None
    except ValueError:
        raise Unreadable(1, "this is no TOML: it holds a number that is none that can be read") from None
    if _is_deeper(value, DEEPEST):
        raise Unreadable(1, "is nested too deep")
    return Document(value, _Lines(text).find())


def _is_deeper(value: object, levels: int) -> bool:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return levels < 0 or any(_is_deeper(each, levels - 1) for each in inner)


class _Lines:
    """Walks over a text that is known to be TOML, and keeps the line of each value."""

    def __init__(self, text: str) -> None:
        self._text = text.replace("\r\n", "\n")
        self._place = 0
        self._line = 1
        self._counted = 0
        self._lines: dict[Path, int] = {(): 1}
        self._tables: dict[Path, int] = {}

    def find(self) -> dict[Path, int]:
        base: Path = ()
        self._skip(_BLANK)
        while self._place < len(self._text):
            if self._at("["):
                base = self._header()
            else:
                self._pair(base)
            self._skip(_BLANK)
        return self._lines

    def _header(self) -> Path:
        """`[a.b]`, or `[[a.b]]`: one more table of a list."""
        line, is_list = self._here(), self._at("[[")
        self._place += 2 if is_list else 1
        *outer, last = self._name()
        self._place += 2 if is_list else 1
        path: Path = ()
        for part in outer:
            path = self._entered((*path, part))
        path = (*path, last)
        if is_list:
            self._tables[path] = self._tables.get(path, -1) + 1
            self._lines.setdefault(path, line)
        path = self._entered(path)
        self._lines[path] = line
        return path

    def _entered(self, path: Path) -> Path:
        """Of a list of tables the last one is meant."""
        return (*path, self._tables[path]) if path in self._tables else path

    def _pair(self, base: Path) -> None:
        line = self._here()
        path = base
        for part in self._name():
            path = (*path, part)
            self._lines.setdefault(path, line)
        self._place += 1
        self._value(path)

    def _name(self) -> list[str]:
        parts: list[str] = []
        while True:
            self._skip(_SPACE)
            part = self._take(_NAME)
            parts.append(next(iter(tomllib.loads(f"{part}=0"))))
            self._skip(_SPACE)
            if not self._at("."):
                return parts
            self._place += 1

    def _value(self, path: Path) -> None:
        self._skip(_SPACE)
        self._lines.setdefault(path, self._here())
        if self._at("["):
            self._array(path)
        elif self._at("{"):
            self._inline_table(path)
        elif self._at('"') or self._at("'"):
            self._take(_TEXT)
        else:
            self._take(_BARE)

    def _array(self, path: Path) -> None:
        self._place += 1
        number = 0
        while not self._ends("]"):
            self._value((*path, number))
            number += 1

    def _inline_table(self, path: Path) -> None:
        self._place += 1
        while not self._ends("}"):
            self._pair(path)

    def _ends(self, end: str) -> bool:
        self._skip(_BLANK)
        if self._at(","):
            self._place += 1
            self._skip(_BLANK)
        if not self._at(end):
            return False
        self._place += 1
        return True

    def _at(self, text: str) -> bool:
        return self._text.startswith(text, self._place)

    def _here(self) -> int:
        self._line += self._text.count("\n", self._counted, self._place)
        self._counted = self._place
        return self._line

    def _skip(self, pattern: re.Pattern[str]) -> None:
        found = pattern.match(self._text, self._place)
        self._place = found.end() if found else self._place

    def _take(self, pattern: re.Pattern[str]) -> str:
        found: Any = pattern.match(self._text, self._place)
        self._place = found.end()
        return str(found[0])
