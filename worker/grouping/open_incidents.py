"""The incidents that are open, and the one that a report is to join."""

import asyncio
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from worker.domain.errors import Gone, Rejected
from worker.domain.incident import INCIDENT_ID
from worker.domain.response.response import Response
from worker.domain.response.state import ResponseState
from worker.domain.sender_scope import TRUSTED, Sender
from worker.domain.text import quoted
from worker.grouping.alert_store import AlertStore
from worker.incidents.filter import IncidentFilter
from worker.incidents.history import History
from worker.incidents.open_incident import OPEN_STATES, OpenIncident, open_incident, why_ended
from worker.storage.stores import Stores

# What was raised before that is not what somebody is about to raise anew.
_LATELY = timedelta(hours=24)
# Beside those that are open there may be some that have resolved.
_LOOKED_AT = 3
_BEGINNINGS_LOOKED_AT = 500
# More names than a query can compare are compared here.
_SERVICES_ASKED_FOR = 8
_HANDED_OVER_LOOKED_AT = 500
_READ_AT_ONCE = 50
_PREFIX = "inc-"
_BEGINNING = re.compile(r"[0-9a-z]{1,10}")
_NAMED = 5


@dataclass(frozen=True, slots=True)
class OpenIncidents:
    stores: Stores
    alert_store: AlertStore

    async def newest(self, service: str | None, limit: int, seen_by: Sender = TRUSTED) -> list[OpenIncident]:
        """Those of the last 24 hours that are open, the newest first; None is any service. Raises as the store does."""
        services = frozenset({service.casefold()}) if service is not None else frozenset[str]()
        wanted = IncidentFilter(
            states=OPEN_STATES, services=services, since=datetime.now(UTC) - _LATELY, seen_by=seen_by
        )
        return await self._open_ones(await self.stores.listing.newest(limit * _LOOKED_AT, wanted), limit)

    async def of_services(
        self, names: frozenset[str], covers: Callable[[str], bool], limit: int, *, within: timedelta
    ) -> list[OpenIncident]:
        """Those of services that `covers` says yes to, the newest first; without others than `names`, in lower case,
        where these are few. Raises as the store does.
        """
        asked = names if len(names) <= _SERVICES_ASKED_FOR else frozenset[str]()
        wanted = IncidentFilter(states=OPEN_STATES, services=asked, since=datetime.now(UTC) - within)
        listed = await self.stores.listing.newest(_HANDED_OVER_LOOKED_AT, wanted)
        return await self._open_ones([each for each in listed if covers(each.event.service)], limit)

    async def in_states(
        self, states: frozenset[ResponseState], service: str | None, limit: int, seen_by: Sender = TRUSTED
    ) -> list[OpenIncident]:
        """Those whose response is in one of these states, the newest first, of the last 24 hours."""
        services = frozenset({service.casefold()}) if service is not None else frozenset[str]()
        wanted = IncidentFilter(services=services, since=datetime.now(UTC) - _LATELY, seen_by=seen_by)
        listed = await self.stores.listing.newest(_BEGINNINGS_LOOKED_AT, wanted)

        def is_wanted(_history: History, response: Response | None) -> bool:
            return response is not None and response.state in states

        return await self._those(listed, limit, is_wanted)

    async def _open_ones(self, listed: Sequence[History], limit: int) -> list[OpenIncident]:
        return await self._those(listed, limit, lambda history, response: not why_ended(history, response))

    async def _those(
        self, listed: Sequence[History], limit: int, is_wanted: Callable[[History, Response | None], bool]
    ) -> list[OpenIncident]:
        found: list[OpenIncident] = []
        for start in range(0, len(listed), _READ_AT_ONCE):
            batch = listed[start : start + _READ_AT_ONCE]
            known = await asyncio.gather(*(self._read_both(each.incident_id) for each in batch))
            found += [
                open_incident(history, response)
                for history, response in known
                if history and is_wanted(history, response)
            ]
            if len(found) >= limit:
                break
        return found[:limit]

    async def _read_both(self, incident_id: str) -> tuple[History | None, Response | None]:
        history, stored = await asyncio.gather(self._read(incident_id), self.stores.responses.read(incident_id))
        return history, stored.response if stored is not None else None

    async def find(self, text: str) -> History:
        """The open incident with this id, or with the only one of the last 24 hours that begins so.

        Raises Gone where there is none, Rejected where it has ended or there are several, and as the store does.
        """
        asked = text.strip().lower()
        history = await (self._read(asked) if INCIDENT_ID.fullmatch(asked) else self._begins_with(asked))
        stored = await self.stores.responses.read(history.incident_id) if history is not None else None
        if history is None:
            raise Gone(f"There is no incident {quoted(asked)!r}. `tocsin incidents list` lists what there is.")
        if why := why_ended(history, stored.response if stored else None):
            raise Rejected(f"{history.incident_id} takes no report: {why}.")
        return history

    async def _begins_with(self, asked: str) -> History | None:
        beginning = asked.removeprefix(_PREFIX)
        if not _BEGINNING.fullmatch(beginning):
            return None
        listed = await self.stores.listing.newest(
            _BEGINNINGS_LOOKED_AT, IncidentFilter(since=datetime.now(UTC) - _LATELY)
        )
        ids = [each.incident_id for each in listed if each.incident_id.startswith(_PREFIX + beginning)]
        if len(ids) > 1:
            raise Rejected(f"{len(ids)} incidents begin so: {_listed(ids)}. Write more of its id.")
        return await self._read(ids[0]) if ids else None

    async def _read(self, incident_id: str) -> History | None:
        return await self.alert_store.with_alerts(await self.stores.incidents.history(incident_id))


def _listed(ids: Sequence[str]) -> str:
    return ", ".join(ids[:_NAMED]) + (" and others" if len(ids) > _NAMED else "")
