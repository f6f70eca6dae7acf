"""How long the real systems take for each call, so that a launch here lasts about as long as a real one."""

import random
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True)
class Typical:
    """One row of a stand-in's own table; an empty method or path fits every call.

    Nobody has measured them on a tenant: they are estimates, each with what it is thought to be made of.
    """

    method: str
    path: str
    milliseconds: int
    reason: str

    def fits(self, method: str, path: str) -> bool:
        return self.method in ("", method) and re.search(self.path, path, re.IGNORECASE) is not None


# Real calls differ from one to the next; a fifth is enough to catch code that counts on an order.
SPREAD = 0.2


class Latency:
    """Draws a time for each call around its typical one; the same seed gives the same row of times."""

    def __init__(self, *, seed: int = 1, pace: float = 1) -> None:
        """At a pace of 0, every call is answered at once."""
        self._pace = pace
        self._random = random.Random(seed)  # noqa: S311  # jitter, not a secret

    def of(self, table: Iterable[Typical], method: str, path: str) -> timedelta:
        for row in table:
            if row.fits(method, path):
                share = self._random.uniform(1 - SPREAD, 1 + SPREAD)
                return timedelta(milliseconds=row.milliseconds * share * self._pace)
        return timedelta()


NONE = Latency(pace=0)


def realistic(*, seed: int = 1) -> Latency:
    return Latency(seed=seed)
