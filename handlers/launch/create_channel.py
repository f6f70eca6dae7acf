"""Open the channel that is only for this incident."""

import re
import unicodedata
from collections.abc import Iterator, Sequence

from handlers.launch.route import Routed, routed
from handlers.sanitizing import cut
from worker.clients.teams.client import NAME_LIMIT, Channel, Listed, NameTaken, Teams
from worker.domain.errors import Misconfigured, Permanent, Rejected
from worker.domain.incident import Incident
from worker.engine.step import Done, Step

__all__ = ["Channel", "CreateChannel"]

# A foreign channel, or a deleted one that keeps its name for thirty days, may stand in the way; more than that is a
# fault that more names would only hide.
_NAMES = 3
_TITLE_IN_DESCRIPTION = 500


class OwnChannel(Channel, frozen=True):
    """`note` says why it stands in no earlier team of the incident's route."""

    note: str = ""


class CreateChannel(Step[OwnChannel]):
    """Open the channel that is only for this incident, in the first team of its route that takes it.

    After the teams of the route comes the settings' one: a channel there is better than none.
    """

    name = "create-channel"
    result = OwnChannel

    def describe(self, result: OwnChannel) -> str:
        return result.name + (f"; {result.note}" if result.note else "")

    def __init__(self, teams: Teams) -> None:
        self._teams = teams

    async def find(self, incident: Incident, done: Done) -> OwnChannel | None:
        """It may be in any of the teams: which of them were full at the time nobody knows."""
        hidden: list[Permanent] = []
        for team in teams_of(self._teams, routed(done)):
            try:
                found = await _find_in(team, incident)
            except Permanent as error:
                # A team that is not there holds nothing.
                hidden += [] if isinstance(error, Misconfigured) and team is not self._teams else [error]
                continue
            if found:
                return OwnChannel(**found.model_dump())
        if hidden:
            raise hidden[0]
        return None

    async def run(self, incident: Incident, done: Done) -> OwnChannel:
        refused: list[Permanent] = []
        teams = teams_of(self._teams, routed(done))
        for team in sorted(teams, key=lambda each: each.room.is_full()):
            try:
                made = await _create_in(team, incident)
            except Permanent as error:
                refused.append(error)
            else:
                return OwnChannel(**made.model_dump(), note=_passed_over(teams, team, refused))
        raise _no_team(refused)


def teams_of(teams: Teams, route: Routed) -> tuple[Teams, ...]:
    """Each once, in the order in which they are tried."""
    return tuple(dict.fromkeys((*map(teams.at, route.teams), teams)))


async def _find_in(team: Teams, incident: Incident) -> Channel | None:
    named = await team.channel_named(next(names(incident)))
    if named and is_ours(named, incident):
        return named.channel
    # Somebody may have renamed it, or the first name was taken: then its description tells.
    ours = [listed.channel for listed in await team.channels() if is_ours(listed, incident)]
    return min(ours, key=lambda channel: (channel.name, channel.id), default=None)


async def _create_in(team: Teams, incident: Incident) -> Channel:
    taken: list[str] = []
    for name in names(incident):
        try:
            return await team.create_channel(name, description(incident))
        except NameTaken:
            holder = await team.holder_of(name)
        if holder and is_ours(holder, incident):
            return holder.channel
        taken.append(name)
    raise Rejected(
        f"Tried to create a channel for {incident.id}; the names {', '.join(taken)} are all taken, by others "
        "or by deleted ones, which keep their names for thirty days. Rename one of them, then replay."
    )


def _passed_over(teams: Sequence[Teams], taken: Teams, refused: Sequence[Permanent]) -> str:
    if not (passed := [team.team_id for team in teams[: teams.index(taken)]]):
        return ""
    why = " ".join(map(str, refused)) or "It was full a moment ago."
    return f"not in team {', '.join(passed)}: {why}"


def _no_team(refused: Sequence[Permanent]) -> Permanent:
    """Of several refusals the first tells the kind."""
    kind = Rejected if isinstance(refused[0], Rejected) else type(refused[0])
    return kind(" ".join(map(str, refused)))


def names(incident: Incident) -> Iterator[str]:
    """The same names for every attempt, in the order they are tried, of characters that Teams and people bear."""
    words = slug(incident.event.shown_title)
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
    title = cut(incident.event.shown_title, _TITLE_IN_DESCRIPTION)
    return f"The channel for this one incident: {title} ({marker(incident)})"


def marker(incident: Incident) -> str:
    return f"incident-key:{incident.id}"


def is_ours(listed: Listed, incident: Incident) -> bool:
    return listed.description.rstrip().endswith(f"({marker(incident)})")
