"""What an authenticator finds in a request: its sender, no credentials of its kind, or some that are not valid."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from fastapi import Request

from worker.domain.response.actor import Actor


@dataclass(frozen=True, slots=True)
class Authenticated:
    """`replay_key` is the same for this very request however often it comes; `forget` lets a failed one come again.

    `person`: who it is, where it is a person and no program.
    """

    sender: str
    replay_key: str | None = None
    forget: Callable[[], None] = lambda: None
    person: Actor | None = None


class NotAuthenticated(Exception):
    """Credentials of this kind were sent and are not valid; the reason is for the log and contains no secret."""


class Authenticator(Protocol):
    async def authenticate(self, request: Request) -> Authenticated | None:
        """None if nothing of this kind came; raises NotAuthenticated, Problem, or TocsinError if it cannot be known."""
        ...


def header(request: Request, name: str) -> str | None:
    """Two of them would be two claims, and whoever stands between us and the sender may have judged the other."""
    given = request.headers.getlist(name)
    if len(given) > 1:
        raise NotAuthenticated(f"the header {name} stands twice")
    return given[0] if given else None


def credentials(request: Request, scheme: str) -> str | None:
    """What the Authorization header holds of this scheme."""
    given, _, value = (header(request, "authorization") or "").partition(" ")
    return value.strip() if given.lower() == scheme else None
