"""The composition of what is kept of an incident, and of the end of its channel."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from handlers.response import review_lanes as lanes_of_review
from worker.app.clients import Clients
from worker.app.conversation_snapshots import ConversationSnapshots
from worker.app.review_systems import ChangesInBoards, LinesInTeams
from worker.app.reviewing import ReviewReader
from worker.clients.teams.archiving import Archiving
from worker.clients.teams.conversation import Conversations
from worker.domain.errors import Gone
from worker.domain.incident import Incident
from worker.domain.response.entry import Entry
from worker.engine.lane import Lane
from worker.grouping.alert_store import AlertStore
from worker.incidents.review.bundle import bundle_of
from worker.incidents.review.review import review_of
from worker.settings import Settings
from worker.storage.stores import Stores

# Whose words are in the channel before it is archived.
_SPEAKING = frozenset({"card", "channel", "review"})


def review_lanes(
    settings: Settings, clients: Clients, stores: Stores, alerts: AlertStore, others: Sequence[Lane]
) -> Sequence[Lane]:
    """`others` are the lanes that speak in the channel."""
    conversations = Conversations(clients.teams)
    pins = frozenset(settings.key_reactions)
    asked = LinesInTeams(conversations), ChangesInBoards(clients.boards)
    reader = ReviewReader(stores, alerts, pins, *asked, clients.on_call)
    desk = _Desk(reader, settings.intake_url or "")
    speaking = [lane for lane in others if lane.name in _SPEAKING]
    return lanes_of_review(
        boards=clients.boards,
        poster=clients.posting,
        keep=ConversationSnapshots(conversations, stores.messages),
        desk=desk,
        archive=Archiving(clients.teams),
        is_said=_SaidBefore(stores, speaking),
    )


@dataclass(frozen=True)
class _Desk:
    reader: ReviewReader
    intake_url: str

    def address(self, incident: Incident) -> str:
        return f"{self.intake_url}/v1/incidents/{incident.id}/review" if self.intake_url else ""

    async def bundle(self, incident_id: str, made_at: datetime) -> bytes:
        sources = await self.reader.sources(incident_id)
        return b"" if sources is None else bundle_of(review_of(sources, made_at), sources)

    async def keep(self, incident_id: str, seq: int, made_at: datetime) -> str:
        sources = await self.reader.sources(incident_id)
        if sources is None:
            raise Gone(f"Nothing is known of {incident_id} any more, so no review of it can be kept.")
        return await self.reader.stores.reviews.keep(incident_id, seq, review_of(sources, made_at).to_json())


@dataclass(frozen=True)
class _SaidBefore:
    """By the watermarks of the lanes that speak in the channel."""

    stores: Stores
    lanes: Sequence[Lane]

    async def __call__(self, incident: Incident, entry: Entry) -> bool:
        entries = await self.stores.responses.entries(incident.id)
        for lane in self.lanes:
            owed = [each.seq for each in entries if each.seq <= entry.seq and lane.concerns(each)]
            if owed and await self.stores.lanes.through(incident, lane.name) < owed[-1]:
                return False
        return True
