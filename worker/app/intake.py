"""The intake's composition: from the settings to an HTTP server that listens."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial

from worker.app.clock_watch import watch_clock
from worker.app.connections import open_history
from worker.app.reporting import open_telemetry
from worker.app.reviewing import ReviewReader
from worker.app.signals import on_signals
from worker.credentials import azure_credential
from worker.domain.encoded_event import EncodedEvent
from worker.grouping.alert_store import open_alert_store
from worker.grouping.open_incidents import OpenIncidents
from worker.incidents.history import History
from worker.intake.app import check_listen_address, create_intake
from worker.intake.spool import IsDown, Publish, Spool, open_spool
from worker.messaging.connection import open_queue
from worker.oncall.calendars.calendars import Calendars, open_calendars
from worker.oncall.lookup import OnCallLookup, open_lookup
from worker.oncall.questions import OnCallQuestions
from worker.settings import Settings
from worker.storage.shown import with_response
from worker.web.server import serve


async def run_intake(settings: Settings, host: str, port: int, ready: Callable[[str], None] = lambda _: None) -> None:
    """The intake, until a signal says stop; `ready` is called with its address."""
    check_listen_address(settings, host)
    async with AsyncExitStack() as stack:
        numbers = await stack.enter_async_context(open_telemetry(settings, "intake"))
        sender = (await stack.enter_async_context(open_queue(settings))).sender
        stores = await stack.enter_async_context(open_history(settings))
        alert_store = await stack.enter_async_context(open_alert_store(settings))

        async def publish(encoded: EncodedEvent) -> None:
            await sender.publish(await stores.oversize.fit(encoded))

        def why_down() -> str | None:
            return sender.trouble

        async def find_history(incident_id: str) -> History | None:
            return await alert_store.with_alerts(await stores.incidents.history(incident_id))

        on_call = await stack.enter_async_context(_open_on_call(settings))
        spool = await stack.enter_async_context(_open_spooling(settings, publish, why_down))
        reviews = ReviewReader(stores, alert_store, frozenset(settings.key_reactions), on_call=on_call.lookup)
        app = create_intake(
            settings,
            publish,
            find_history,
            why_down,
            numbers,
            find_alert=alert_store.status,
            record_once=stores.audit.add_once,
            find_open=OpenIncidents(stores, alert_store).newest,
            find_opened=alert_store.opened_surely,
            ask_on_call=on_call.questions.answer,
            find_calendar=on_call.calendars.find,
            spool=spool,
            responses=stores.responses,
            with_response=partial(with_response, stores),
            find_by_state=OpenIncidents(stores, alert_store).in_states,
            find_review=reviews.sources,
            find_kept=reviews.kept,
        )
        watching = asyncio.create_task(watch_clock(stores.table.clock_lead))
        stack.callback(watching.cancel)
        opening = asyncio.create_task(sender.keep_open())
        stack.callback(opening.cancel)
        await serve(app, host, port, on_signals=on_signals, ready=ready)


@dataclass(frozen=True, slots=True)
class _OnCall:
    """What is asked of the tables of people."""

    calendars: Calendars
    questions: OnCallQuestions
    lookup: OnCallLookup


@asynccontextmanager
async def _open_on_call(settings: Settings) -> AsyncIterator[_OnCall]:
    async with AsyncExitStack() as stack:
        credential = None if settings.tables_connection_string is not None else azure_credential(settings)
        if credential is not None:
            await stack.enter_async_context(credential)
        calendars = await stack.enter_async_context(open_calendars(settings, credential))
        lookup = await stack.enter_async_context(open_lookup(settings, credential))
        yield _OnCall(calendars, OnCallQuestions(lookup), lookup)


@asynccontextmanager
async def _open_spooling(settings: Settings, publish: Publish, is_down: IsDown) -> AsyncIterator[Spool | None]:
    """The spool, which empties itself into the queue whenever it can; None where none is set."""
    if settings.intake_spool is None:
        yield None
        return
    async with open_spool(settings.intake_spool, settings.intake_spool_bytes) as spool:
        delivering = asyncio.create_task(spool.deliver(publish, is_down))
        try:
            yield spool
        finally:
            delivering.cancel()
            await asyncio.gather(delivering, return_exceptions=True)
