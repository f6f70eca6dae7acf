"""The tokens that one connection has presented, and what they let it use."""

from worker.sandbox.service_bus.access import Access, Grant
from worker.sandbox.service_bus.conditions import RESOURCE_LIMIT, Refusal

# An SDK client presents one for each queue that it uses.
MOST_GRANTS = 32


class Grants:
    def __init__(self, access: Access) -> None:
        self._access = access
        self._by_path: dict[str, Grant] = {}

    def add(self, token: object, audience: object) -> None:
        grant = self._access.grant(token, audience)
        if len(self._by_path) >= MOST_GRANTS:
            raise Refusal(RESOURCE_LIMIT, f"A connection can hold tokens for {MOST_GRANTS} queues, not more.")
        self._by_path[grant.path] = grant

    def cover(self, entity: str) -> bool:
        now = self._access.now()
        return any(grant.covers(entity, now) for grant in self._by_path.values())
