"""The catalogue of services: whether each team and project that it names takes what a launch makes there."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress

from worker.clients.boards.client import Boards
from worker.clients.boards.place import WorkItemPlace
from worker.clients.posting.poster import Poster
from worker.clients.posting.routes import open_poster
from worker.clients.teams.client import Teams
from worker.clients.teams.room import MOST_CHANNELS, NEARLY_FULL
from worker.credentials import azure_credential
from worker.doctor.checks.settings import is_set, needed_for_posting
from worker.doctor.checks.teams import primary, team_of
from worker.doctor.finding import CheckResult, Verdict, note, well, wrong
from worker.doctor.response_states import ResponseStates
from worker.domain.errors import TocsinError
from worker.oncall.definitions import ServiceRecord
from worker.oncall.lookup import open_lookup
from worker.settings import Settings

_AREA = "catalogue"
_NEEDED = ("tables_connection_string|tables_endpoint", "teams_team_id", "boards_url")
_NAMED = 3


async def check_catalogue(settings: Settings) -> AsyncIterator[CheckResult]:
    if not is_set(settings, *_NEEDED):
        return
    try:
        services = await _services(settings)
    except TocsinError:
        return  # told where the tables are checked
    users_of_teams, users_of_places = _users_of_teams(services), _users_of_places(services)
    if not (users_of_teams or users_of_places):
        yield well(_AREA, "No service names a team or project, so each incident lives where the settings say.")
        return
    async with team_of(settings) as teams, _route(settings, teams) as poster, Boards.from_settings(settings) as boards:
        checks = [
            *(_team(teams.at(team), poster, users) for team, users in users_of_teams.items()),
            *(_place(boards, place, users) for place, users in users_of_places.items()),
        ]
        results = await asyncio.gather(*checks)
        for result in results:
            yield result
        of_places = zip(users_of_places.items(), results[len(users_of_teams) :], strict=True)
        taken = dict(place for place, result in of_places if result.verdict is Verdict.WELL)
        async for result in _states(settings, boards, taken):
            yield result


async def _services(settings: Settings) -> tuple[ServiceRecord, ...]:
    async with AsyncExitStack() as stack:
        credential = azure_credential(settings)
        if credential is not None:
            await stack.enter_async_context(credential)
        lookup = await stack.enter_async_context(open_lookup(settings, credential))
        return tuple((await lookup.definitions()).services.values())


@asynccontextmanager
async def _route(settings: Settings, teams: Teams) -> AsyncIterator[Poster | None]:
    """None where what it needs is missing, or wrong: that is told where posting is checked."""
    async with AsyncExitStack() as stack:
        poster: Poster | None = None
        with suppress(TocsinError):
            if is_set(settings, *needed_for_posting(settings)):
                credential = azure_credential(settings)
                if credential is not None:
                    await stack.enter_async_context(credential)
                poster = await stack.enter_async_context(open_poster(settings, teams, credential))
        yield poster


def _users_of_teams(services: Iterable[ServiceRecord]) -> Mapping[str, list[str]]:
    users: dict[str, list[str]] = defaultdict(list)
    for service in services:
        for team in service.teams:
            users[team.casefold()].append(service.name)
    return users


def _users_of_places(services: Iterable[ServiceRecord]) -> Mapping[WorkItemPlace, list[str]]:
    users: dict[WorkItemPlace, list[str]] = defaultdict(list)
    for service in services:
        place = WorkItemPlace.of(service)
        if place != WorkItemPlace():
            users[place].append(service.name)
    return users


async def _team(team: Teams, poster: Poster | None, users: list[str]) -> CheckResult:
    try:
        channels = await team.channels()
        if first := primary(channels):
            await team.check_may_create(first.name)
            await team.check_messages(first.id)
            if poster is not None:
                await poster.check_place(first)
    except TocsinError as error:
        return wrong(
            _AREA,
            f"{_of(users)}: {error}",
            why="Its channels are made in the next of its teams, and at last in the one of the settings.",
            remedy="Correct the teams of the service; or install the app of deploy/ in that team, with its grants.",
        )
    told = f"{_of(users)}: {len(channels):,} of {MOST_CHANNELS:,} channels of team {team.team_id} are used."
    if len(channels) < NEARLY_FULL:
        return well(_AREA, told)
    why = "A full team takes no channel, and the next one of the service is taken; then that of the settings."
    return note(_AREA, told, why=why, remedy="Name a further team of the service, or delete channels of old incidents.")


async def _place(boards: Boards, place: WorkItemPlace, users: list[str]) -> CheckResult:
    try:
        await place.check(boards)
    except TocsinError as error:
        return wrong(
            _AREA,
            f"{_of(users)}: {error}",
            why="What is refused of it is left out: its work items stand somewhere else.",
            remedy="Correct project, work_item_type, area_path and iteration_path of the service.",
        )
    there = ", ".join(
        part for part in (place.project, place.work_item_type, place.area_path, place.iteration_path) if part
    )
    return well(_AREA, f"{_of(users)}: a work item can be created in {there}.")


async def _states(
    settings: Settings, boards: Boards, users_of_places: Mapping[WorkItemPlace, list[str]]
) -> AsyncIterator[CheckResult]:
    """Once for each project and type other than those of the settings."""
    users_of_types: dict[Boards, list[str]] = defaultdict(list)
    for place, users in users_of_places.items():
        if (own := place.boards(boards)) is not boards:
            users_of_types[own] += users
    for own, users in users_of_types.items():
        states = ResponseStates(_AREA, settings, said=f"{_of(users)}: ", unknown=Verdict.NOTE)
        for result in await states.check(own):
            yield result


def _of(users: list[str]) -> str:
    more = len(users) - _NAMED
    return ", ".join(users[:_NAMED]) + (f" and {more} more" if more > 0 else "")
