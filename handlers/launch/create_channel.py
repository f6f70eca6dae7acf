"""Open the channel that is only for this incident."""

import re
import unicodedata
from collections.abc import Iterator

from handlers.sanitizing import cut
from worker.clients.teams.client import NAME_LIMIT, Channel, Listed, NameTaken, Teams
from worker.domain.errors import Rejected
from worker.domain.incident import Incident
from worker.engine.step import Done, Step

__all__ = ["Channel", "CreateChannel"]

# A foreign channel, or a deleted one that keeps its name for thirty days, may stand in the way; more than that is a
# fault that more names would only hide.
_NAMES = 3
_TITLE_IN_DESCRIPTION = 500


class CreateChannel(Step[Channel]):
    """Open the channel that is only for this incident."""

    name = "create-channel"
    result = Channel

    def __init__(self, teams: Teams) -> None:
        self._teams = teams

    async def find(self, incident: Incident, done: Done) -> Channel | None:
        del done
        named = await self._teams.channel_named(next(names(incident)))
        if named and is_ours(named, incident):
            return named.channel
        # Somebody may have renamed it, or the first name was taken: then its description tells.
        ours = [listed.channel for listed in await self._teams.channels() if is_ours(listed, incident)]
        return min(ours, key=lambda channel: (channel.name, channel.id), default=None)

    async def run(self, incident: Incident, done: Done) -> Channel:
        del done
        taken: list[str] = []
        for name in names(incident):
            try:
                return await self._teams.create_channel(name, description(incident))
            except NameTaken:
                holder = await self._teams.holder_of(name)
            if holder and is_ours(holder, incident):
                return holder.channel
            taken.append(name)
        raise Rejected(
            f"Tried to create a channel for {incident.id}; the names {', '.join(taken)} are all taken, by others "
            "or by deleted ones, which keep their names for thirty days. Rename one of them, then replay."
        )


def names(incident: Incident) -> Iterator[str]:
    """The same names for every attempt, in the order they are tried, of characters that Teams and people bear."""
    words = slug(incident.event.title)
    for number in range(1, _NAMES + 1):
        distinct = incident.id if number == 1 else f"{incident.id}-{number}"
        yield _whole_words(f"{distinct}-{words}", at_least=len(distinct))


def _whole_words(name: str, *, at_least: int) -> str:
    """Cut at the end of a word, unless the very first one is too long."""
    if len(name) <= NAME_LIMIT:
        return name.rstrip("-")
    whole = name.rfind("-", 0, NAME_LIMIT + 1)
    return name[: whole if whole > at_least else NAME_LIMIT].rstrip("-")


def slug(title: str) -> str:
    plain = unicodedata.normalize("NFKD", title.casefold()).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")


def description(incident: Incident) -> str:
    """The mark stands last, where it bothers nobody, and where no title can come after it."""
    return f"The channel for this one incident: {cut(incident.event.title, _TITLE_IN_DESCRIPTION)} ({marker(incident)})"


def marker(incident: Incident) -> str:
    return f"incident-key:{incident.id}"


def is_ours(listed: Listed, incident: Incident) -> bool:
    return listed.description.rstrip().endswith(f"({marker(incident)})")
