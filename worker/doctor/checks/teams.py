"""Microsoft Teams: the team, its room for channels, what this identity may do in it, and who can be mentioned."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager

from worker.clients.teams.archiving import Archiving
from worker.clients.teams.client import Channel, Listed, Teams, open_teams
from worker.clients.teams.members import TeamMembers
from worker.credentials import azure_credential
from worker.doctor.checks.on_call import people_on_call
from worker.doctor.checks.settings import is_set
from worker.doctor.finding import CheckResult, Probe, Verdict, note, well, wrong
from worker.doctor.roster_lint import removal_command
from worker.domain.errors import Forbidden, Misconfigured, TocsinError, Unreachable
from worker.oncall.on_call import Person
from worker.settings import Settings

_AREA = "teams"
# Deleted channels count for thirty days, and Graph does not list them: what is counted here is the least.
_CHANNELS_LIMIT = 1_000
_CHANNELS_WORRY = 800

_SEEING = Probe(
    _AREA,
    "The team and its channels can be seen.",
    why="No channel can be created or found again.",
    remedy="Do what the sentence says, and run this again.",
    remedies={
        Forbidden: "Install the app of deploy/ in the team with ChannelSettings.Read.Group, or grant the application "
        "Channel.ReadBasic.All and let an administrator consent.",
        Misconfigured: "Set TOCSIN_TEAMS_TEAM_ID to the group id in a link to the team (groupId=…).",
        Unreachable: "Probe TOCSIN_GRAPH_URL, and that this machine may reach it.",
    },
)
_CREATING = Probe(
    _AREA,
    "A channel may be created.",
    why="No launch gets its channel, and nothing is announced.",
    remedy="Do what the sentence says, and run this again.",
    remedies={Forbidden: "Grant Channel.Create.Group in the team, or the application permission Channel.Create."},
)
_READING = Probe(
    _AREA,
    "Messages may be read.",
    why="After a crash an announcement is looked for before it is posted again; without a look it cannot be.",
    remedy="Do what the sentence says, and run this again.",
    remedies={Forbidden: "Grant ChannelMessage.Read.Group in the team, or ChannelMessage.Read.All."},
)
# What comes after a launch; teams do without it in their own ways.
_ARCHIVING = Probe(
    _AREA,
    "Channels of closed incidents may be archived, and opened again.",
    why="Optional: without it channels stay open when their incidents are closed.",
    remedy="Run this again.",
    remedies={
        Forbidden: "If channels shall be archived, grant the application permission ChannelSettings.ReadWrite.All of "
        "Microsoft Graph, and let an administrator consent."
    },
    verdict=Verdict.NOTE,
)
_ADDING = Probe(
    _AREA,
    "People may be added to the team.",
    why="Optional: without it whoever is called and not in the team is added by one of its owners.",
    remedy="Run this again.",
    remedies={
        Forbidden: "If people shall be added, grant the application permission TeamMember.ReadWrite.All of Microsoft "
        "Graph, and let an administrator consent."
    },
    verdict=Verdict.NOTE,
)


async def check_teams(settings: Settings) -> AsyncIterator[CheckResult]:
    if not is_set(settings, "teams_team_id"):
        return
    async with team_of(settings) as teams:
        try:
            channels = await teams.channels()
        except TocsinError as error:
            yield _SEEING.failed(error)
            return
        yield well(_AREA, _SEEING.well)
        yield _room(len(channels))
        if first := primary(channels):
            yield await _CREATING.run(teams.check_may_create(first.name))
            yield await _READING.run(teams.check_messages(first.id))
            yield await _ARCHIVING.run(Archiving(teams).check(first))
        yield await _ADDING.run(TeamMembers(teams).check(teams.team_id))
        async for result in _people(teams, await people_on_call(settings)):
            yield result


@asynccontextmanager
async def team_of(settings: Settings) -> AsyncIterator[Teams]:
    async with AsyncExitStack() as stack:
        credential = azure_credential(settings)
        if credential is not None:
            await stack.enter_async_context(credential)
        yield await stack.enter_async_context(open_teams(settings, credential))


def primary(channels: Sequence[Listed]) -> Channel | None:
    """The channel that came with the team: the oldest, whatever it is called, and it cannot be deleted."""
    dated = [listed.channel for listed in channels if listed.channel.created_at is not None]
    return min(dated, key=lambda channel: channel.created_at, default=None)  # type: ignore[arg-type,return-value]


def _room(used: int) -> CheckResult:
    told = f"{used:,} of {_CHANNELS_LIMIT:,} channels are used, besides those deleted within thirty days."
    if used < _CHANNELS_WORRY:
        return well(_AREA, told)
    return CheckResult(
        area=_AREA,
        verdict=Verdict.WRONG if used >= _CHANNELS_LIMIT else Verdict.NOTE,
        what=told,
        why="A full team takes no channel; archived ones count, and deleted ones for thirty days.",
        remedy="Delete channels of old incidents a month ahead, or set TOCSIN_TEAMS_TEAM_ID to a new team.",
    )


async def _people(teams: Teams, people: tuple[Person, ...]) -> AsyncIterator[CheckResult]:
    unnamed = [person for person in people if not person.object_id]
    found = await asyncio.gather(*(_mentionable(teams, person) for person in unnamed))
    troubles = {result.what: result for result in found if result is not None}
    for result in troubles.values():
        yield result
    if people and not troubles:
        yield well(_AREA, f"Each of the {len(people)} people on call can be mentioned.")


async def _mentionable(teams: Teams, person: Person) -> CheckResult | None:
    try:
        known = await teams.object_id(person.email)
    except Forbidden:
        return note(
            _AREA,
            "Nobody can be looked up in the directory.",
            why="People on call are named in the announcement, and Teams does not notify them.",
            remedy="Grant the application User.ReadBasic.All, or fill the column object_id of the on-call table.",
        )
    except TocsinError as error:
        return note(_AREA, str(error), why="Whoever is not found cannot be mentioned.", remedy="Run this again.")
    if known:
        return None
    return wrong(
        _AREA,
        f"The directory knows nobody as {person.email} ({person.name}).",
        why="On call, and Teams cannot notify them.",
        remedy="Correct the address in the on-call table or in people, or take the person out: "
        f"{removal_command(person.email)}",
        about=person.email,
    )
