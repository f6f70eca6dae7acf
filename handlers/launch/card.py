"""The one card of an incident, which the launch and the response both write: never an older over a newer."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from handlers.launch.announcement import Known, announcement
from worker.clients.posting.poster import Poster
from worker.clients.teams.client import Channel
from worker.domain.errors import Transient
from worker.domain.incident import Incident

_ROUNDS = 5

KnownNow = Callable[[], Awaitable[Known]]


@dataclass(frozen=True, slots=True)
class Card:
    """Where it stands; `kind` is that of its mark."""

    channel: Channel
    message_id: str
    kind: str

    async def show(self, poster: Poster, incident: Incident, known_now: KnownNow) -> None:
        """Let it say what is known now, and say it anew where somebody came to know more meanwhile.

        Whoever changes what it says has it stored before they write it here, so of two who write at once each sees
        what the other had to say, and the one who comes last says both.
        """
        said = announcement(incident, await known_now(), kind=self.kind)
        for _ in range(_ROUNDS):
            await poster.update(self.channel, self.message_id, said)
            newest = announcement(incident, await known_now(), kind=self.kind)
            if newest == said:
                return
            said = newest
        raise Transient(f"What the card of {incident.id} says changes too quickly; it is shown once more.")
