"""Add to the team whoever is to be heard in the incident's channel: a standard channel has no members of its own."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from pydantic import BaseModel

from handlers.launch.create_channel import CreateChannel
from handlers.newest import Newest
from handlers.paging.way import Recipient
from handlers.response.following import outcome, result_of
from handlers.response.waiting import not_announced_yet
from worker.clients.posting.poster import Poster
from worker.clients.teams.client import Channel, Teams
from worker.clients.teams.members import TeamMembers
from worker.domain.checkpoint import Checkpoint
from worker.domain.errors import Permanent, TocsinError
from worker.domain.incident import Incident
from worker.domain.response.act import Act
from worker.domain.response.entry import Entry, Tell
from worker.engine.lane import Lane, LaneOrder
from worker.engine.step import Done, Fan, Part


@dataclass(frozen=True, slots=True)
class Team:
    """By which clients people are looked up in the team of a channel and added to it."""

    teams: Teams
    poster: Poster
    newest: Newest


def members(team: Team) -> Lane:
    return Lane(
        name="members",
        order=LaneOrder.IN_ORDER,
        concerns=lambda entry: bool(entry.joins),
        playbook=lambda entry, _: (JoinTeam(team, entry),),
        follow=say_who_did_not_join,
    )


class Joined(BaseModel, frozen=True):
    """`refused`: why they are not in the team; empty once they are."""

    person: str
    name: str
    refused: str = ""


class AllJoined(BaseModel, frozen=True):
    people: tuple[Joined, ...] = ()


class JoinTeam(Fan[AllJoined]):
    contingent = True
    result = AllJoined

    def __init__(self, team: Team, entry: Entry) -> None:
        self.name = f"join-{entry.seq}"
        self._team = team
        self._entry = entry

    def describe(self, result: AllJoined) -> str:
        return ", ".join(f"{each.name} not: {each.refused}" if each.refused else each.name for each in result.people)

    def parts(self, incident: Incident, done: Done) -> Sequence[Part[Joined]]:
        del incident, done
        # Whoever has neither is no person of the directory, as an account of some machine.
        joining = (tell for tell in self._entry.joins if tell.email or tell.object_id)
        parts = (Join(self._team, self._entry, tell) for tell in joining)
        return list({part.label: part for part in parts}.values())

    def gather(self, made: Sequence[Joined]) -> AllJoined:
        return AllJoined(people=tuple(made))


class Join(Part[Joined]):
    """One person; whoever cannot be added is named, with who can add them."""

    result = Joined

    def __init__(self, team: Team, entry: Entry, tell: Tell) -> None:
        self.label = Recipient(name=tell.name, address=tell.person, why="").label()
        self._team = team
        self._entry = entry
        self._tell = tell

    def describe(self, result: Joined) -> str:
        return result.refused or f"{result.name} is in the team"

    async def find(self, incident: Incident, done: Done) -> Joined | None:
        del done
        channel = await self._channel(incident)
        return self._joined() if await self._is_in(channel, await self._object_id()) else None

    async def run(self, incident: Incident, done: Done) -> Joined:
        del done
        channel = await self._channel(incident)
        try:
            object_id = await self._object_id()
            if not object_id:
                return self._joined(f"Teams knows nobody of the address {self._tell.email}.")
            if not await self._is_in(channel, object_id):
                await TeamMembers(self._team.teams).add(channel.team_id, object_id)
        except Permanent as error:
            return self._joined(str(error))
        return self._joined()

    async def _channel(self, incident: Incident) -> Channel:
        channel: Channel | None = (await self._team.newest.launched(incident.id)).wanted(CreateChannel)
        if channel is None:
            raise not_announced_yet(incident, self._entry)
        return channel

    async def _object_id(self) -> str:
        if self._tell.object_id or not self._tell.email:
            return self._tell.object_id or ""
        return await self._team.teams.object_id(self._tell.email) or ""

    async def _is_in(self, channel: Channel, object_id: str) -> bool:
        """To look costs none of the few additions of a minute; who cannot look adds, which is no error for a member."""
        try:
            return bool(object_id) and await self._team.poster.includes(channel, object_id)
        except TocsinError:
            return False

    def _joined(self, refused: str = "") -> Joined:
        return Joined(person=self._tell.person, name=self._tell.name, refused=refused)


def say_who_did_not_join(entry: Entry, made: Mapping[str, Checkpoint]) -> Iterator[Act]:
    """Once for each person."""
    joined = result_of(made, f"join-{entry.seq}", AllJoined)
    for each in joined.people if joined else ():
        if each.refused:
            words = f"{each.name} could not be added to the team, so mentions do not reach them. {each.refused}"
            yield outcome(f"join:{each.person}", words, person=each.person)
