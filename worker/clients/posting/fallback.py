"""The channels in which an incident is announced while its own cannot be had, in the order in which they are tried."""

from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from urllib.parse import quote

from worker.clients.teams.client import Channel, Teams
from worker.domain.teams_fallback import FIRST_CHANNEL, Fallback


@dataclass(frozen=True, slots=True)
class Place:
    """`channel` asks for it where it has to be asked for; raises as a look-up does."""

    name: str
    channel: Callable[[], Awaitable[Channel]]


class FallbackChannels:
    """`own` are the teams whose first channel is meant where the settings name no team; none: the settings' one."""

    def __init__(self, teams: Teams, fallback: Fallback, own: Sequence[str] = ()) -> None:
        self._teams = teams
        self._fallback = fallback
        self._own = own

    def of(self, team_ids: Sequence[str]) -> "FallbackChannels":
        """As they are for an incident that lives in one of these teams."""
        return FallbackChannels(self._teams, self._fallback, team_ids)

    def __iter__(self) -> Iterator[Place]:
        for name in self._fallback.channels:
            if name == FIRST_CHANNEL:
                yield from self._first_channels()
            elif name.startswith("19:"):
                yield Place(f"the channel {name}", partial(_known, self._channel(name)))
            else:
                yield Place(f"the first channel of team {name}", partial(self._teams.primary_channel, name))

    def _first_channels(self) -> Iterator[Place]:
        for team in self._own:
            yield Place(f"the first channel of team {team}", partial(self._teams.primary_channel, team))
        if self._teams.team_id.casefold() not in {team.casefold() for team in self._own}:
            yield Place("the team's first channel", self._teams.primary_channel)

    @property
    def then_chats(self) -> bool:
        """Whether people are written to one by one where no channel takes it."""
        return self._fallback.chats

    async def prepare(self) -> None:
        """Ask for them while they can be asked for; raises as a look-up does."""
        for place in self:
            await place.channel()

    def _channel(self, channel_id: str) -> Channel:
        team = self._teams.team_id
        url = f"https://teams.microsoft.com/l/channel/{quote(channel_id, safe='')}/incidents?groupId={team}"
        return Channel(id=channel_id, name="another channel", url=url, team_id=team)


async def _known(channel: Channel) -> Channel:
    return channel
