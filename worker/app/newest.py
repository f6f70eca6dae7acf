"""How an incident stands at this moment, by the store."""

from dataclasses import dataclass

from worker.domain.response.response import Response
from worker.engine.step import Done, Playbook
from worker.engine.stored import stored_results
from worker.storage.stores import Stores


@dataclass(frozen=True, slots=True)
class NewestInStore:
    """`launch` are the steps of a launch."""

    stores: Stores
    launch: Playbook

    async def response(self, incident_id: str) -> Response | None:
        return await read_response(self.stores, incident_id)

    async def launched(self, incident_id: str) -> Done:
        return stored_results(self.launch, await self.stores.incidents.checkpoints(incident_id))


async def read_response(stores: Stores, incident_id: str) -> Response | None:
    stored = await stores.responses.read(incident_id)
    return stored.response if stored is not None else None
