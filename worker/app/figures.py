"""Read what the figures of many incidents are made of."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime, tzinfo

from worker.app.reviewing import ReviewReader
from worker.credentials import azure_credential
from worker.domain.errors import TocsinError
from worker.grouping.alert_store import open_alert_store
from worker.incidents.figures.known_incident import KnownIncident
from worker.incidents.figures.report import IncidentReport, report_on
from worker.incidents.filter import IncidentFilter
from worker.oncall.definitions import Definitions
from worker.oncall.lookup import OnCallLookup, open_lookup
from worker.oncall.schedule.zones import read_zone
from worker.settings import Settings
from worker.storage.stores import open_stores

# More than a team lives through in a year.
MOST = 5_000
_AT_ONCE = 12


@asynccontextmanager
async def open_figures(settings: Settings, *, owner: str) -> AsyncIterator[ReviewReader]:
    """What is stored alone: neither Teams nor Azure Boards is asked for figures."""
    async with AsyncExitStack() as stack:
        stores = await stack.enter_async_context(open_stores(settings, owner=owner))
        alerts = await stack.enter_async_context(open_alert_store(settings))
        credential = None if settings.tables_connection_string is not None else azure_credential(settings)
        if credential is not None:
            await stack.enter_async_context(credential)
        lookup = await stack.enter_async_context(open_lookup(settings, credential))
        yield ReviewReader(stores, alerts, frozenset(settings.key_reactions), on_call=lookup)


async def read_report(reader: ReviewReader, wanted: IncidentFilter, until: datetime) -> IncidentReport:
    """`wanted.since` is needed. By the severity that incidents were received with, as the list knows it."""
    listed = await reader.stores.listing.newest(MOST + 1, wanted)
    found = await _known(reader, [history.incident_id for history in listed[:MOST]])
    zone_of = await _zones(reader.on_call)
    since = wanted.since or min((each.history.received_at for each in found), default=until)
    return report_on(found, since=since, until=until, zone_of=zone_of, truncated=len(listed) > MOST)


async def _known(reader: ReviewReader, incident_ids: Sequence[str]) -> list[KnownIncident]:
    one_of_few = asyncio.Semaphore(_AT_ONCE)

    async def read(incident_id: str) -> KnownIncident | None:
        async with one_of_few:
            return await reader.known(incident_id)

    return [known for known in await asyncio.gather(*map(read, incident_ids)) if known is not None]


async def _zones(on_call: OnCallLookup | None) -> Callable[[str], tzinfo | None]:
    """By what the definitions call a person, and by address; nobody's where they cannot be read."""
    try:
        definitions = await on_call.definitions() if on_call is not None else Definitions()
    except TocsinError:
        definitions = Definitions()
    zones: dict[str, tzinfo] = {}
    for record in definitions.people.values():
        if (zone := _zone(record.time_zone)) is not None:
            zones |= {each.casefold(): zone for each in (record.key, record.email) if each}
    return lambda person: zones.get(person.casefold())


def _zone(text: str) -> tzinfo | None:
    try:
        return read_zone(text).zone if text else None
    except ValueError:
        return None
