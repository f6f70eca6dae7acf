"""Azure Boards: the type, its fields, and whether the people on call can be assigned; asked, and nothing made."""

import asyncio
from collections.abc import AsyncIterator

from worker.clients.boards.client import Boards
from worker.clients.boards.errors import UnknownIdentity
from worker.clients.boards.items import set_field
from worker.doctor.checks.on_call import people_on_call
from worker.doctor.checks.settings import is_set
from worker.doctor.finding import CheckResult, Probe, well, wrong
from worker.doctor.response_states import ResponseStates
from worker.domain.errors import Forbidden, Misconfigured, TocsinError, Unreachable
from worker.oncall.on_call import Person
from worker.settings import Settings

_AREA = "boards"
_TASK = "Task"
_MENDS: dict[type[TocsinError], str] = {
    Forbidden: "Renew TOCSIN_BOARDS_PAT (scope: Work items, read and write), or add the identity to the organisation "
    "with the access level Basic and give it 'Edit work items in this node' in the project.",
    Misconfigured: "Set what the sentence names: TOCSIN_BOARDS_URL, _PROJECT, _WORK_ITEM_TYPE or _KEY_FIELD.",
    Unreachable: "Probe TOCSIN_BOARDS_URL, and that this machine may reach it.",
}
_ELSE = "Give the type defaults for what the project's rules demand, or use another type."


async def check_boards(settings: Settings) -> AsyncIterator[CheckResult]:
    if not is_set(settings, "boards_url"):
        return
    check = Probe(
        _AREA,
        f"A work item of type {settings.boards_work_item_type!r} can be created in {settings.boards_project!r}.",
        why="No launch gets its work item, and nobody is assigned.",
        remedy=_ELSE,
        remedies=_MENDS,
    )
    async with Boards.from_settings(settings) as boards:
        result = await check.run(boards.check())
        yield result
        if result.verdict is not result.verdict.WELL:
            return
        yield await _tasks(boards)
        for each in await ResponseStates(_AREA, settings).check(boards):
            yield each
        async for each in _people(boards, await people_on_call(settings)):
            yield each


async def _tasks(boards: Boards) -> CheckResult:
    check = Probe(
        _AREA,
        f"A {_TASK} for each further person on call can be created.",
        why="Everybody on call but the first is given a task of their own, and would have none.",
        remedy=f"Use a process that has the type {_TASK}, and let this identity create it.",
        remedies=_MENDS,
    )
    return await check.run(boards.validate((set_field("System.Title", "check"),), work_item_type=_TASK))


async def _people(boards: Boards, people: tuple[Person, ...]) -> AsyncIterator[CheckResult]:
    found = await asyncio.gather(*(_assignable(boards, person) for person in people))
    troubles = [result for result in found if result is not None]
    for result in troubles:
        yield result
    if people and not troubles:
        yield well(_AREA, f"Each of the {len(people)} people on call can be assigned.")


async def _assignable(boards: Boards, person: Person) -> CheckResult | None:
    identity = person.boards_identity or person.email
    try:
        await boards.validate((set_field("System.Title", "check"), set_field("System.AssignedTo", identity)))
    except UnknownIdentity:
        return wrong(
            _AREA,
            f"Azure Boards knows nobody as {identity!r} ({person.name}).",
            why="On call, and no work item can be given to them; the next person on the list gets it.",
            remedy="Add them to the organisation, or write the name they have there into the column boards_identity.",
            about=person.email,
        )
    except TocsinError as error:
        why = "On call, and it could not be tried whether a work item can be given to them."
        return wrong(_AREA, f"{person.name}: {error}", why=why, remedy=_ELSE)
    return None
