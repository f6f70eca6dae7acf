"""What a file says, whatever it is written in, with the line of each value."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

Path = tuple[int | str, ...]
DEEPEST = 20
# References (`*name`) make any number out of a few lines.
MOST_VALUES = 200_000


class Unreadable(ValueError):
    """A text that is not what its name says; with the line where that is."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(message)
        self.line = line
        self.message = message


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with the value there, as the end of a sentence."""

    path: Path
    message: str


@dataclass(frozen=True, slots=True)
class Document:
    """`faults`: names that stand twice in one place, which leave open what is meant."""

    value: object
    lines: Mapping[Path, int] = field(default_factory=dict)
    faults: Sequence[Fault] = ()

    def line(self, path: Path) -> int:
        """Of the value there, or of the nearest one around it; 0 where no line is known."""
        known = (self.lines.get(path[:length]) for length in range(len(path), -1, -1))
        return next((line for line in known if line is not None), 0)

    def tell(self, faults: Iterable[Fault]) -> Iterator[str]:
        """Each with its line and field, in the order of the lines."""
        placed = sorted(((self.line(fault.path), fault) for fault in faults), key=lambda each: each[0])
        for line, fault in dict.fromkeys(placed):
            where = [f"line {line}"] if line else []
            where += [written(fault.path)] if fault.path else []
            yield f"{', '.join(where)}: {fault.message}" if where else fault.message


def written(path: Path) -> str:
    """`schedules.checkout.layers[1].windows[0]`."""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{_short(part)}" for part in path)
    return text.removeprefix(".")


def _short(name: str) -> str:
    return " ".join(name.split())[:100] or '""'


def stands_twice(path: Path) -> Fault:
    return Fault(path, "stands here for the second time")
