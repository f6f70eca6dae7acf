"""What a way to knock finds in a request: who sends it, nothing of its kind, or something that does not hold."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from fastapi import Request


@dataclass(frozen=True, slots=True)
class Admitted:
    """`telling` is the same for this very request however often it comes; `retract` lets a failed one come again."""

    sender: str
    telling: str | None = None
    retract: Callable[[], None] = lambda: None


class NotProven(Exception):
    """Something of this kind was sent and does not hold; the reason is for the log and tells no secret."""


class Way(Protocol):
    async def judge(self, request: Request) -> Admitted | None:
        """None if nothing of this kind was sent; raises NotProven, Problem, or TocsinError when it cannot be known."""
        ...


def header(request: Request, name: str) -> str | None:
    """Two of them would be two claims, and whoever stands between us and the sender may have judged the other."""
    given = request.headers.getlist(name)
    if len(given) > 1:
        raise NotProven(f"the header {name} stands twice")
    return given[0] if given else None


def credentials(request: Request, scheme: str) -> str | None:
    """What the Authorization header holds of this scheme."""
    given, _, value = (header(request, "authorization") or "").partition(" ")
    return value.strip() if given.lower() == scheme else None
