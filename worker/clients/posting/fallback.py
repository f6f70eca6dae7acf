"""The channels in which an incident is announced while its own cannot be had, in the order in which they are tried."""

from collections.abc import Awaitable, Callable, Iterator
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
    def __init__(self, teams: Teams, fallback: Fallback) -> None:
        self._teams = teams
        self._fallback = fallback

    def __iter__(self) -> Iterator[Place]:
        for name in self._fallback.channels:
            if name == FIRST_CHANNEL:
                yield Place("the team's first channel", self._teams.primary_channel)
            elif name.startswith("19:"):
                yield Place(f"the channel {name}", partial(_known, self._channel(name)))
            else:
                yield Place(f"the first channel of team {name}", partial(self._teams.primary_channel, name))

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
