"""Tells the stand-ins to misbehave: which requests, how, and how many times."""

import asyncio
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from aiohttp import web
from multidict import CIMultiDict

from worker.sandbox.harness.behaviour import STANDING, Behaviour
from worker.sandbox.harness.remote_system import RemoteSystem

# A pattern's running time grows with each repeat it may try; these bounds keep the worst one under a second.
PATTERN_LENGTH = 200
PATTERN_REPEATS = 3
PATH_MATCHED = 512

FAULTS_LIMIT = 1_000
BODY_LENGTH = 64 * 1024
LONGEST = timedelta(hours=1)


FIELDS = ("system", "method", "path", "behaviour", "times", "status", "headers", "body", "seconds")


class BadFault(ValueError):
    """The definition of a fault makes no sense; names the field."""

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(sentence)
        self.field = field


@dataclass(frozen=True)
class Fault:
    system: RemoteSystem
    behaviour: Behaviour
    method: str | None = None
    path: re.Pattern[str] | None = None
    times: int | None = 1
    """How many requests it happens to; None means all, until the faults are cleared."""
    status: int | None = None
    headers: tuple[tuple[str, str], ...] = ()
    body: str | None = None
    seconds: timedelta = timedelta()

    def matches(self, system: str, method: str, path: str) -> bool:
        return (
            self.behaviour not in STANDING
            and self.system.name == system
            and self.method in (None, method)
            and (self.path is None or self.path.search(path[:PATH_MATCHED]) is not None)
        )

    def answer(self) -> web.Response:
        status = self.status or 503
        body, content_type = self.system.fault_answer(status)
        if self.body is not None:
            body = self.body
        headers = CIMultiDict({"Content-Type": content_type})
        headers.update(self.headers)
        return web.Response(status=status, text=body, headers=headers)


class Faults:
    """The faults now in force; each request takes at most the oldest that fits it."""

    def __init__(self, systems: Iterable[RemoteSystem]) -> None:
        self._systems = {system.name: system for system in systems}
        self._left: dict[Fault, int | None] = {}
        self._cleared = {system: asyncio.Event() for system in self._systems}

    def add(self, definition: Mapping[str, Any]) -> Fault:
        fault = parse(definition, self._systems)
        if len(self._left) >= FAULTS_LIMIT:
            raise BadFault("system", f"There are already {FAULTS_LIMIT} faults; DELETE /sandbox/faults.")
        already = self._left.get(fault, 0)
        self._left[fault] = None if already is None or fault.times is None else already + fault.times
        return fault

    def take(self, system: str, method: str, path: str) -> Fault | None:
        """Find the fault that happens to this request, and count it."""
        fault = next((f for f in self._left if f.matches(system, method, path)), None)
        if fault is None:
            return None
        left = self._left[fault]
        if left is not None:
            self._left[fault] = left - 1
            if left <= 1:
                del self._left[fault]
        return fault

    def lag(self, system: str) -> timedelta:
        """For how long look-ups of this system do not see what is new."""
        return max((f.seconds for f in self._standing(Behaviour.LAG, system)), default=timedelta())

    def throttled(self, system: str) -> bool:
        return self.stands(Behaviour.THROTTLE, system)

    def stands(self, behaviour: Behaviour, system: str) -> bool:
        return bool(self._standing(behaviour, system))

    def clear(self, system: str | None = None) -> None:
        """Behave again, one system or all, and let go of every request there that hangs or is delayed."""
        cleared = set(self._systems) if system is None else {system}
        self._left = {fault: left for fault, left in self._left.items() if fault.system.name not in cleared}
        for each in cleared:
            self._cleared[each].set()
            self._cleared[each] = asyncio.Event()

    async def wait_until_cleared(self, system: str, at_most: timedelta | None = None) -> None:
        try:
            await asyncio.wait_for(self._cleared[system].wait(), at_most.total_seconds() if at_most else None)
        except TimeoutError:
            return

    def listing(self) -> list[dict[str, Any]]:
        return [_shown(fault, left) for fault, left in self._left.items()]

    def _standing(self, behaviour: Behaviour, system: str) -> list[Fault]:
        return [f for f in self._left if f.behaviour is behaviour and f.system.name == system]


# Where a stand-in's handler finds the faults that concern it: request.app[FAULTS].lag(BOARDS.name).
FAULTS = web.AppKey("faults", Faults)


def parse(definition: Mapping[str, Any], systems: Mapping[str, RemoteSystem]) -> Fault:
    for field in definition:
        if field not in FIELDS:
            raise BadFault(field, f"A fault has no field {field!r}; it has {', '.join(FIELDS)}.")
    behaviour = _behaviour(definition)
    return Fault(
        system=_system(definition, behaviour, systems),
        behaviour=behaviour,
        method=_method(definition),
        path=_path(definition),
        times=None if behaviour in STANDING else parse_times(definition, default=1),
        status=_status(definition, behaviour),
        headers=_headers(definition),
        body=_body(definition),
        seconds=_seconds(definition, behaviour),
    )


def _system(definition: Mapping[str, Any], behaviour: Behaviour, systems: Mapping[str, RemoteSystem]) -> RemoteSystem:
    name = definition.get("system")
    system = systems.get(name) if isinstance(name, str) else None
    if system is None:
        raise BadFault("system", f"The system must be one of {', '.join(systems)}, queue; not {name!r}.")
    if behaviour in STANDING - system.standing:
        raise BadFault("behaviour", f"The stand-in for {system.name} knows no {behaviour.value}.")
    return system


def _behaviour(definition: Mapping[str, Any]) -> Behaviour:
    try:
        return Behaviour(str(definition.get("behaviour")))
    except ValueError as error:
        known = ", ".join(Behaviour)
        raise BadFault("behaviour", f"The behaviour must be one of {known}.") from error


def _method(definition: Mapping[str, Any]) -> str | None:
    method = definition.get("method")
    if method is None:
        return None
    if not isinstance(method, str) or not re.fullmatch(r"[A-Za-z]{3,7}", method):
        raise BadFault("method", "The method must be the name of an HTTP method, such as POST.")
    return method.upper()


def _path(definition: Mapping[str, Any]) -> re.Pattern[str] | None:
    path = definition.get("path")
    if path is None:
        return None
    if not isinstance(path, str) or len(path) > PATTERN_LENGTH:
        raise BadFault("path", f"The path must be a regular expression of up to {PATTERN_LENGTH} characters.")
    unescaped = re.sub(r"\\.", "", path)
    # A repeated group may try exponentially many ways, more than a few repeats too many for a long path.
    if re.search(r"\)[*+{]", unescaped) or len(re.findall(r"[*+{]", unescaped)) > PATTERN_REPEATS:
        raise BadFault("path", f"The path may not repeat a group, nor repeat more than {PATTERN_REPEATS} times.")
    try:
        return re.compile(path, re.IGNORECASE)
    except re.error as error:
        raise BadFault("path", f"The path is not a regular expression: {error}.") from error


def parse_times(definition: Mapping[str, Any], *, default: int | None) -> int | None:
    times = definition.get("times", default)
    if times is not None and (not _is_whole(times) or not 1 <= times <= 1_000_000):  # noqa: PLR2004
        raise BadFault("times", "The times must be a whole number from 1, or null for all until cleared.")
    return None if times is None else int(times)


def _status(definition: Mapping[str, Any], behaviour: Behaviour) -> int | None:
    status = definition.get("status")
    if status is None:
        if behaviour in (Behaviour.STATUS, Behaviour.APPLY_THEN_STATUS):
            raise BadFault("status", f"The behaviour {behaviour.value} needs a status, such as 503.")
        return None
    if not _is_whole(status) or not 200 <= status <= 599:  # noqa: PLR2004
        raise BadFault("status", "The status must be a whole number from 200 to 599.")
    return int(status)


def _headers(definition: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    headers = definition.get("headers") or {}
    if not isinstance(headers, Mapping) or len(headers) > 20:  # noqa: PLR2004
        raise BadFault("headers", "The headers must be an object with up to 20 names and values.")
    pairs = tuple((str(name), str(value)) for name, value in headers.items())
    for name, value in pairs:
        if name.lower() in ("content-length", "transfer-encoding", "connection"):
            raise BadFault("headers", f"{name} is the connection's own; use a drop to break an answer.")
        if not re.fullmatch(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}", name):
            raise BadFault("headers", f"{name[:100]!r} is not the name of a header.")
        if not re.fullmatch(r"[\x20-\x7e]{0,1000}", value):
            raise BadFault("headers", f"The value of {name} must be up to 1,000 printable ASCII characters.")
    return pairs


def _body(definition: Mapping[str, Any]) -> str | None:
    body = definition.get("body")
    if body is None:
        return None
    text = body if isinstance(body, str) else json.dumps(body)
    if len(text) > BODY_LENGTH:
        raise BadFault("body", f"The body must be up to {BODY_LENGTH} characters.")
    return text


def _seconds(definition: Mapping[str, Any], behaviour: Behaviour) -> timedelta:
    seconds = definition.get("seconds")
    if seconds is None:
        if behaviour in (Behaviour.DELAY, Behaviour.LAG):
            raise BadFault("seconds", f"The behaviour {behaviour.value} needs seconds, such as 5.")
        return timedelta()
    if not isinstance(seconds, int | float) or isinstance(seconds, bool):
        raise BadFault("seconds", "The seconds must be a number.")
    if not 0 <= seconds <= LONGEST.total_seconds():
        raise BadFault("seconds", f"The seconds must be from 0 to {LONGEST.total_seconds():.0f}.")
    return timedelta(seconds=seconds)


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _shown(fault: Fault, left: int | None) -> dict[str, Any]:
    return {
        "system": fault.system.name,
        "behaviour": fault.behaviour.value,
        "method": fault.method,
        "path": fault.path.pattern if fault.path else None,
        "times_left": left,
        "status": fault.status,
        "headers": dict(fault.headers),
        "seconds": fault.seconds.total_seconds(),
    }
