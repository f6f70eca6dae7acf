"""A page of the documentation as somebody types it: its files, its commands, and what each is answered."""

import re
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

_FILE = re.compile(r"`([\w.-]+\.(?:csv|yaml))`[^\n]*:\n\n```\w+\n(.*?)^```", re.DOTALL | re.MULTILINE)
_CONSOLE = re.compile(r"^```console\n(.*?)^```", re.DOTALL | re.MULTILINE)
_PROMPT = re.compile(r"^\$ ", re.MULTILINE)
_MORE = "…"
_LINES = r"(?:[^\n]*\n)*?"


@dataclass(frozen=True)
class TypedCommand:
    """`answer` is what the page shows of it: standard output and errors as a terminal mixes them."""

    line: str
    answer: str

    @property
    def words(self) -> Sequence[str]:
        """Behind `tocsin`."""
        return shlex.split(self.line, comments=True)[1:]

    def is_answered_by(self, told: str) -> bool:
        """`…` stands for anything within a line, and for any lines where it is a line of its own."""
        return re.fullmatch(_pattern(self.answer), f"{_stripped(told)}\n" if told else "") is not None


@dataclass(frozen=True)
class TypedPage:
    text: str

    @cached_property
    def files(self) -> Mapping[str, str]:
        return dict(_FILE.findall(self.text))

    @cached_property
    def commands(self) -> Sequence[TypedCommand]:
        """In the order of the page."""
        parts = [part for block in _CONSOLE.findall(self.text) for part in _PROMPT.split(block)[1:]]
        return [TypedCommand(line, _stripped(answer)) for line, _, answer in (part.partition("\n") for part in parts)]


def _stripped(text: str) -> str:
    return "\n".join(line.rstrip() for line in text.strip("\n").splitlines())


def _pattern(answer: str) -> str:
    return "".join(_LINES if line.strip() == _MORE else f"{_line(line)}\n" for line in answer.splitlines())


def _line(line: str) -> str:
    return ".*".join(map(re.escape, line.split(_MORE)))
