"""JSON on standard output, which is a terminal's as often as a program's: what a terminal acts on is escaped."""

import re

import typer

from worker.domain.text import HIDING

# Beside what hides: what a terminal, or a reader line by line, takes for the end of a line.
_ACTED_ON = re.compile(f"[{HIDING}\u2028\u2029]")


def print_json(text: str) -> None:
    """Write this JSON; whoever parses it gets the same as ever."""
    typer.echo(escaped(text))


def escaped(text: str) -> str:
    """The same JSON without controls, marks of direction and what is never seen: such stand in strings alone."""
    return _ACTED_ON.sub(_escape, text)


def _escape(match: re.Match[str]) -> str:
    units = match[0].encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[place : place + 2].hex()}" for place in range(0, len(units), 2))
