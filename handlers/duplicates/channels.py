"""A second channel of the incident, which Teams lets happen under another name alone."""

import asyncio
from collections.abc import Sequence
from itertools import chain
from typing import Any, ClassVar

from handlers.launch.create_channel import CreateChannel, is_ours, teams_of
from handlers.launch.route import routed
from worker.clients.teams.client import Listed, Teams
from worker.domain.errors import Misconfigured
from worker.domain.incident import Incident
from worker.engine.duplicates import Duplicate
from worker.engine.step import Done, Entry


class SecondChannels:
    """The one in the checkpoint stays, else the oldest. The other is reported, never archived.

    People may be talking in it by now, nobody can merge two channels, and Graph does not tell who made one.
    """

    step: ClassVar[type[Entry[Any]]] = CreateChannel

    def __init__(self, teams: Teams) -> None:
        self._teams = teams
        self._listings: dict[Teams, Sequence[Listed]] = {}
        self._one_at_a_time = asyncio.Lock()

    async def duplicates(self, incident: Incident, done: Done) -> Sequence[Duplicate]:
        listed = await self._list_all(teams_of(self._teams, routed(done)))
        ours = sorted((each for each in listed if is_ours(each, incident)), key=_age)
        if len(ours) < 2:  # noqa: PLR2004 (one is as it should be)
            return ()
        made = done.wanted(CreateChannel)
        kept = next((each for each in ours if made and each.channel.id == made.id), ours[0])
        return [_duplicate(each, kept) for each in ours if each is not kept and not each.archived]

    async def _list_all(self, teams: Sequence[Teams]) -> Sequence[Listed]:
        """Each team is asked for once: its list is the same for every incident of a sweep."""
        async with self._one_at_a_time:
            for team in teams:
                if team not in self._listings:
                    self._listings[team] = await self._list(team)
            return tuple(chain(*(self._listings[team] for team in teams)))

    async def _list(self, team: Teams) -> Sequence[Listed]:
        try:
            return await team.channels()
        except Misconfigured:
            if team is self._teams:
                raise
            return ()  # a team that is not there holds nothing


def _age(listed: Listed) -> tuple[str, str]:
    created = listed.channel.created_at
    return (created.isoformat() if created else "", listed.channel.id)


def _duplicate(second: Listed, kept: Listed) -> Duplicate:
    because = (
        f"Its name is {second.channel.name!r}, and {kept.channel.name!r} is the incident's own. People may be talking "
        "in it: tell them where the other one is, then archive it by hand."
    )
    return Duplicate("channel", second.channel.id, kept.channel.id, because=because)
