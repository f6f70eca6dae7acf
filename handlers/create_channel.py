"""Open the channel that is only for this incident."""

from pydantic import BaseModel

from worker.incident import Incident
from worker.step import Done, Step


class Channel(BaseModel, frozen=True):
    id: str
    name: str
    url: str
    team_id: str


class CreateChannel(Step[Channel]):
    """Open the channel that is only for this incident."""

    name = "create-channel"
    result = Channel

    async def find(self, incident: Incident, done: Done) -> Channel | None:
        raise NotImplementedError

    async def run(self, incident: Incident, done: Done) -> Channel:
        raise NotImplementedError
