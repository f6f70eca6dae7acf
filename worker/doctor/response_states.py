"""Which states a type's work items are given while the response goes on: shown, and tried on one that is never made."""

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from worker.clients.boards.client import Boards
from worker.clients.boards.errors import RefusedByRule
from worker.clients.boards.items import Operation, set_field
from worker.clients.boards.state_map import StateMap
from worker.doctor.finding import CheckResult, Verdict, well, wrong
from worker.domain.errors import TocsinError
from worker.domain.response.state import ResponseState
from worker.settings import Settings

_STATE = "System.State"


@dataclass(frozen=True, slots=True)
class ResponseStates:
    """`said` begins each sentence; `unknown` is what a wished state is that the type has not."""

    area: str
    settings: Settings
    said: str = ""
    unknown: Verdict = Verdict.WRONG

    async def check(self, boards: Boards, more: Sequence[Operation] = ()) -> list[CheckResult]:
        """Of the type and project of these; `more` is what their work items are given besides."""
        try:
            states = await boards.types.state_map()
            refusals = await _refusals(boards, states, more)
        except TocsinError as error:
            return [
                wrong(
                    self.area,
                    f"{self.said}Which states a {boards.work_item_type!r} has could not be found out: {error}",
                    why="The state of its work items does not follow the response.",
                    remedy="Let this identity view work items, and try again.",
                )
            ]
        return [
            well(self.area, f"{self.said}A work item of type {boards.work_item_type!r} is {_shown(states)}."),
            *(self._unknown(boards, states, of, name) for of, name in states.unknown.items()),
            *(self._missing(boards, of) for of in ResponseState if _for(states, of) is None),
            *(self._refused(boards, states, name, refusal) for name, refusal in refusals.items()),
        ]

    def _unknown(self, boards: Boards, states: StateMap, of: ResponseState, name: str) -> CheckResult:
        setting = "STATES" if of in dict(self.settings.boards_states) else "RESOLVED_STATE"
        instead = _for(states, of)
        return self._result(
            self.unknown,
            f"The type {boards.work_item_type!r} in {boards.project!r} has no state {name!r}, which "
            f"TOCSIN_BOARDS_{setting} names for {of}.",
            why=f"Its work items are {instead!r} then." if instead else "Its work items keep the state they have.",
            remedy=f"Name one of its states there: {', '.join(states.states.names)}; or none for {of}.",
        )

    def _missing(self, boards: Boards, of: ResponseState) -> CheckResult:
        return self._result(
            Verdict.NOTE,
            f"The type {boards.work_item_type!r} in {boards.project!r} has no state for {of}.",
            why="Its work items keep the state they have, and only the comments say where the response stands.",
            remedy=f"Add a state of that category to the type, or name one in TOCSIN_BOARDS_STATES for {of}.",
        )

    def _refused(self, boards: Boards, states: StateMap, name: str, refusal: RefusedByRule) -> CheckResult:
        used = [of for of in ResponseState if _for(states, of) == name]
        return self._result(
            Verdict.NOTE,
            f"A new {boards.work_item_type!r} in {boards.project!r} was refused as {name!r}: {refusal.said}.",
            why=f"Where a rule refuses it to one that is there too, its state does not follow: {', '.join(used)}. "
            "The response goes on, and says so.",
            remedy="Give the field a default, relax the rule, or name another state in TOCSIN_BOARDS_STATES.",
        )

    def _result(self, verdict: Verdict, what: str, *, why: str, remedy: str) -> CheckResult:
        return CheckResult(area=self.area, verdict=verdict, what=f"{self.said}{what}", why=why, remedy=remedy)


async def _refusals(boards: Boards, states: StateMap, more: Sequence[Operation]) -> Mapping[str, RefusedByRule]:
    names = list(dict.fromkeys(name for of in ResponseState if (name := _for(states, of)) is not None))
    tried = await asyncio.gather(*(_refusal(boards, name, more) for name in names))
    return {name: refusal for name, refusal in zip(names, tried, strict=True) if refusal is not None}


async def _refusal(boards: Boards, name: str, more: Sequence[Operation]) -> RefusedByRule | None:
    try:
        await boards.check((*more, set_field(_STATE, name)))
    except RefusedByRule as refusal:
        return refusal
    return None


def _for(states: StateMap, of: ResponseState) -> str | None:
    return states.state_for(of, owned=False)


def _shown(states: StateMap) -> str:
    """As `To Do (open), Doing (acknowledged, mitigated), Done (resolved, closed, declined, merged)`."""
    used: dict[str, list[str]] = defaultdict(list)
    for of in ResponseState:
        if (name := _for(states, of)) is not None:
            used[name].append(of)
    return ", ".join(f"{name} ({', '.join(of)})" for name, of in used.items()) or "left as it is, whatever happens"
