"""How long the real systems take for each call, so that a launch here lasts about as long as a real one."""

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True)
class Typical:
    system: str
    method: str
    path: str
    milliseconds: int
    reason: str


# Nobody has measured these on a tenant: they are estimates, each with what it is thought to be made of.
REALISTIC: Sequence[Typical] = (
    Typical("boards", "OPTIONS", r"/_apis$", 60, "a static table, answered at the front door"),
    Typical("boards", "POST", r"/wiql", 150, "a query planned and run by the database"),
    Typical("boards", "POST", r"/workitems/\$", 350, "rules, a write and its links in one transaction"),
    Typical("boards", "PATCH", r"", 250, "as a create, without new rows for the item itself"),
    Typical("boards", "POST", r"", 250, "a comment is a new revision"),
    Typical("boards", "GET", r"", 90, "one row with its links, by its key"),
    Typical("graph", "POST", r"/channels$", 900, "a conversation thread is provisioned before the answer"),
    Typical("graph", "POST", r"/messages", 300, "one write to the chat service, behind the Graph gateway"),
    Typical("graph", "POST", r"", 500, "members and archives cross two services"),
    Typical("graph", "GET", r"", 150, "one read behind the Graph gateway"),
    Typical("graph", "", r"", 300, "a small write behind the Graph gateway"),
    Typical("bot", "", r"", 350, "the connector's gateway, then the chat service"),
)

# Real calls differ from one to the next; a fifth is enough to catch code that counts on an order.
SPREAD = 0.2


class Latency:
    """Draws a time for each call around its typical one; the same seed gives the same row of times."""

    def __init__(self, table: Sequence[Typical], *, seed: int = 1) -> None:
        self._table = [(row, re.compile(row.path, re.IGNORECASE)) for row in table]
        self._random = random.Random(seed)  # noqa: S311  # jitter, not a secret

    def of(self, system: str, method: str, path: str) -> timedelta:
        for row, pattern in self._table:
            if row.system == system and row.method in ("", method) and pattern.search(path):
                share = self._random.uniform(1 - SPREAD, 1 + SPREAD)
                return timedelta(milliseconds=row.milliseconds * share)
        return timedelta()


NONE = Latency(())


def realistic(*, seed: int = 1) -> Latency:
    return Latency(REALISTIC, seed=seed)
