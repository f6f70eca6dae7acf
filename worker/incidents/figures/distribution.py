"""Many durations as they are shown: how many, the median, the ninetieth percentile, and each by itself."""

from collections.abc import Iterable, Sequence
from math import ceil
from typing import Self

from pydantic import BaseModel, Field

_NINETY, _HUNDRED = 90, 100


class Distribution(BaseModel, frozen=True):
    """In seconds; `p90` is the value that nine in ten do not exceed (nearest rank). None of nothing is None.

    `unknown`: of how many incidents nobody can say it; they are in no other number.
    """

    count: int
    unknown: int = 0
    median: float | None = None
    p90: float | None = None
    values: tuple[float, ...] = Field(default=(), description="Each incident's, from the shortest on.")

    @classmethod
    def of(cls, measured: Iterable[float | None]) -> Self:
        given = list(measured)
        values = sorted(value for value in given if value is not None)
        return cls(
            count=len(values),
            unknown=len(given) - len(values),
            median=_median(values),
            p90=_nearest_rank(values, _NINETY),
            values=tuple(values),
        )


def _median(values: Sequence[float]) -> float | None:
    if not values:
        return None
    middle = len(values) // 2
    return values[middle] if len(values) % 2 else (values[middle - 1] + values[middle]) / 2


def _nearest_rank(values: Sequence[float], percent: int) -> float | None:
    return values[ceil(len(values) * percent / _HUNDRED) - 1] if values else None
