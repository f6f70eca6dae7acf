"""Places for requests: known senders have theirs, and strangers a few of their own for bodies that say who sends.

A sender whose key stands in the head waits behind no stranger. Where the body must be read to know its sender,
strangers share a bound by count and bytes: who comes when all is taken gets in, and the body that came slowest goes,
the sooner the more of them come from its network. So nobody holds these places, and a body that comes at once is read.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from http import HTTPStatus

from starlette.requests import Request
from starlette.types import Scope

from worker.web.network import network
from worker.web.problem import Problem

# Of known senders, at once.
REQUESTS = 500
# Each reads one body.
STRANGERS = 50
# A signed storm is as large as the largest body.
STRANGERS_BYTES = 10_000_000
# What is read of a body takes some ten times its size, until its events are in the queue.
KNOWN_BYTES = 20_000_000
# Of alerts; any sender may have so much on its way at once.
ORDINARY_BODY = 1_000_000
LARGE_AT_ONCE = 2

_COME_AGAIN = timedelta(seconds=2)
_LARGE_COME_AGAIN = timedelta(seconds=5)
# So many bytes ahead of those that have been there for longer.
_HEAD_START = 64_000
_STATE = "visit"


class Admission:
    def __init__(self, *, requests: int = REQUESTS, strangers: int = STRANGERS, large: int = LARGE_AT_ONCE) -> None:
        self._requests = requests
        self._places = strangers
        self._large_at_once = large
        self._known = 0
        self._known_bytes = 0
        self._large = 0
        self._strangers: set[Visit] = set()

    @contextmanager
    def visit(self, scope: Scope, *, brief: bool = False) -> Iterator["Visit"]:
        """`brief`: answered without waiting for anything, so it needs no place."""
        client = scope.get("client")
        visit = Visit(self, network(client[0]) if client else "", brief=brief)
        scope.setdefault("state", {})[_STATE] = visit
        try:
            yield visit
        finally:
            visit.leave()

    def take_place(self, held: int) -> None:
        if self._known >= self._requests:
            raise _busy("More requests are being answered than can be at once; send it again.", _COME_AGAIN)
        self.take_bytes(0, held)
        self._known += 1

    def take_bytes(self, before: int, now: int) -> None:
        """Raises Problem where a known sender's body, of which so much was held before, has no room just now."""
        is_larger = now > ORDINARY_BODY >= before
        if is_larger and self._large >= self._large_at_once:
            detail = "Bodies of more than a megabyte are read few at a time; send it again."
            raise _busy(detail, _LARGE_COME_AGAIN)
        if self._known_bytes + now - before > KNOWN_BYTES:
            raise _busy("More is being read than can be at once; send it again.", _COME_AGAIN)
        self._known_bytes += now - before
        self._large += is_larger

    def give_back(self, held: int) -> None:
        self._known -= 1
        self._known_bytes -= held
        self._large -= held > ORDINARY_BODY

    def let_in(self, visit: "Visit") -> None:
        self._strangers.add(visit)
        self.make_room()

    def let_out(self, visit: "Visit") -> None:
        self._strangers.discard(visit)

    def make_room(self) -> None:
        while self._is_crowded() and (slowest := self._slowest()):
            self._strangers.discard(slowest)
            slowest.end()

    def _is_crowded(self) -> bool:
        return len(self._strangers) > self._places or sum(each.held for each in self._strangers) > STRANGERS_BYTES

    def _slowest(self) -> "Visit | None":
        of_network = Counter(each.network for each in self._strangers)
        return min(self._strangers, key=lambda each: each.pace / of_network[each.network], default=None)


class Visit:
    """One request from its head to its answer, by a stranger until `recognise`; `held` are bytes of its body."""

    def __init__(self, admission: Admission, network: str = "", *, brief: bool = False) -> None:
        self.network = network
        self.known = False
        self.held = 0
        self._admission = admission
        self._brief = brief
        self._has_place = False
        self._began = time.monotonic()
        self._deadline: asyncio.Timeout | None = None
        self._ended = False

    @property
    def pace(self) -> float:
        """Bytes a second."""
        return (self.held + _HEAD_START) / (time.monotonic() - self._began + 0.001)

    def recognise(self) -> None:
        """It is known who sends; raises Problem where there is no place for known senders."""
        if not self.known and not self._brief:
            self._admission.take_place(self.held)
            self._has_place = True
        self._admission.let_out(self)
        self.known = True

    @contextmanager
    def reading(self, deadline: asyncio.Timeout) -> Iterator[None]:
        """While the body comes; the deadline comes early where it makes room for another."""
        if self.known:
            yield
            return
        self._began = time.monotonic()
        self._deadline = deadline
        self._admission.let_in(self)
        try:
            yield
        finally:
            self._deadline = None
        self.check_ended()

    def expect(self, size: int) -> None:
        """Of a body that is announced; what strangers announce is no more than words. Raises Problem."""
        if self.known:
            self.hold(size)

    def hold(self, size: int) -> None:
        """So many bytes of the body are held by now; raises Problem."""
        if size <= self.held:
            return
        if self._has_place:
            self._admission.take_bytes(self.held, size)
        self.held = size
        if not self.known:
            self._admission.make_room()
            self.check_ended()

    def end(self) -> None:
        self._ended = True
        self.held = 0
        if self._deadline is not None:
            self._deadline.reschedule(asyncio.get_running_loop().time())

    def leave(self) -> None:
        """Nothing of it is held any more."""
        if self._has_place:
            self._admission.give_back(self.held)
        self._admission.let_out(self)
        self._has_place = False
        self.held = 0

    def check_ended(self) -> None:
        """Raises Problem where it made room for another."""
        if self._ended:
            raise _busy("Others who did not say either who they are wait for this place; send it again.", _COME_AGAIN)


def visit_of(request: Request) -> Visit:
    """Where nobody counts, it is the only one."""
    visit: Visit = request.scope.setdefault("state", {}).setdefault(_STATE, Visit(Admission()))
    return visit


def was_known(scope: Scope) -> bool:
    """Whether the sender of this request was recognised."""
    visit = scope["state"].get(_STATE)
    return visit is not None and visit.known


def _busy(detail: str, wait: timedelta) -> Problem:
    return Problem(HTTPStatus.SERVICE_UNAVAILABLE, detail, headers={"Retry-After": f"{wait.total_seconds():.0f}"})
