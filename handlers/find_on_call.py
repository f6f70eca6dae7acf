"""Look up who is on call, as of the incident."""

from worker.clients.on_call import OnCall
from worker.incident import Incident
from worker.step import Done, Lookup


class FindOnCall(Lookup[OnCall]):
    """Look up who is on call, as of the incident."""

    name = "find-on-call"
    result = OnCall

    async def run(self, incident: Incident, done: Done) -> OnCall:
        raise NotImplementedError
