"""What Graph allows one application in each team, kept by all calls of the process together."""

from datetime import timedelta
from typing import Self

from worker.resilience.rate_limit import Limit, Rate, Turn

_SECOND = timedelta(seconds=1)

# As Graph documents them; it tells of others, or of other callers, by refusing.
_REQUESTS = 4
_NEW_CHANNELS = 1
_NEW_MEMBERS = Rate(4, timedelta(minutes=1))
_IN_A_CHANNEL = 1
_POSTS_OF_A_PERSON = 1

# A channel is busy while its incident is launched; one that is forgotten is only not waited for.
_CHANNELS_KEPT = 256
_TEAMS_KEPT = 256


class TeamLimits:
    """Those of one team; `of` gives those of another, and the limit of a person is one for all."""

    def __init__(
        self,
        *,
        requests: int = _REQUESTS,
        new_channels: int = _NEW_CHANNELS,
        in_a_channel: int = _IN_A_CHANNEL,
        posts_of_a_person: int = _POSTS_OF_A_PERSON,
    ) -> None:
        """Each is for a second."""
        self._rates = {"requests": requests, "new_channels": new_channels, "in_a_channel": in_a_channel}
        self._in_a_channel = Rate(in_a_channel, _SECOND)
        self._others: dict[str, Self] = {}
        self._any = Limit("the team", Rate(requests, _SECOND))
        self._new_channels = Limit("making channels in the team", Rate(new_channels, _SECOND))
        self._new_members = Limit("adding people to the team", _NEW_MEMBERS)
        self._posts = Limit("posting in one person's name", Rate(posts_of_a_person, _SECOND))
        self._channels: dict[str, Limit] = {}

    def of(self, team_id: str) -> Self:
        """The same object for the same team, in whatever spelling of upper and lower case."""
        team = team_id.casefold()
        if team not in self._others:
            if len(self._others) >= _TEAMS_KEPT:
                self._others.clear()
            self._others[team] = type(self)(**self._rates)
            self._others[team]._posts = self._posts  # noqa: SLF001 (one of ours)
        return self._others[team]

    def any_request(self) -> Turn:
        return Turn(self._any)

    def new_channel(self) -> Turn:
        return Turn(self._new_channels, self._any)

    def new_member(self) -> Turn:
        # A refusal lasts up to a minute, for which nothing else of the team is to wait.
        return Turn(self._new_members)

    def in_channel(self, channel_id: str) -> Turn:
        return Turn(self._channel(channel_id), self._any)

    def post_of_a_person(self, channel_id: str) -> Turn:
        return Turn(self._channel(channel_id), self._posts, self._any)

    def _channel(self, channel_id: str) -> Limit:
        limit = self._channels.pop(channel_id, None) or Limit("the channel", self._in_a_channel)
        self._channels[channel_id] = limit
        if len(self._channels) > _CHANNELS_KEPT:
            del self._channels[next(iter(self._channels))]
        return limit
