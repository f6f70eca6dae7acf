"""A format that a house defined itself, where it did so, and what gives each of its fields."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from worker.alerts.format import Format


@dataclass(frozen=True, slots=True)
class Given:
    """What an expression, or a constant, gives for one field of an alert; None where it gives nothing."""

    field: str
    expression: str
    value: object


# For each alert of a payload, in the order of its findings; raises NotThisFormat.
Trace = Callable[[object], Sequence[Sequence[Given]]]


@dataclass(frozen=True, slots=True, eq=False)
class HouseFormat:
    """`place`: the file and the line where it begins."""

    format: Format
    place: str
    trace: Trace
