"""What Graph allows one application in one team, kept by all calls of the process together."""

from datetime import timedelta

from worker.limiter import Limit, Rate, Turn

_SECOND = timedelta(seconds=1)

# As Graph documents them; it tells of others, or of other callers, by refusing.
ANY_REQUEST = Rate(4, _SECOND)
IN_A_CHANNEL = Rate(1, _SECOND)
NEW_CHANNELS = Rate(1, _SECOND)
POSTS_OF_A_PERSON = Rate(1, _SECOND)

# A channel is busy while its incident is launched; one that is forgotten is only not waited for.
_CHANNELS_KEPT = 256


class TeamLimits:
    def __init__(self) -> None:
        self._any = Limit("the team", ANY_REQUEST)
        self._new_channels = Limit("making channels in the team", NEW_CHANNELS)
        self._posts = Limit("posting in one person's name", POSTS_OF_A_PERSON)
        self._channels: dict[str, Limit] = {}

    def any_request(self) -> Turn:
        return Turn(self._any)

    def new_channel(self) -> Turn:
        return Turn(self._new_channels, self._any)

    def in_channel(self, channel_id: str) -> Turn:
        return Turn(self._channel(channel_id), self._any)

    def post_of_a_person(self, channel_id: str) -> Turn:
        return Turn(self._channel(channel_id), self._posts, self._any)

    def _channel(self, channel_id: str) -> Limit:
        limit = self._channels.pop(channel_id, None) or Limit("the channel", IN_A_CHANNEL)
        self._channels[channel_id] = limit
        if len(self._channels) > _CHANNELS_KEPT:
            del self._channels[next(iter(self._channels))]
        return limit
