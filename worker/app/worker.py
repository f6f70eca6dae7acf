"""The composition root: settings become clients, clients a worker or an intake; the only importer of handlers."""

import asyncio
import gc
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial

import structlog

from handlers.summary import SUMMARY_STEPS, summary_playbook
from worker.app.clients import Clients, open_clients
from worker.app.clock_watch import watch_clock
from worker.app.connections import worker_name
from worker.app.newest import read_response
from worker.app.reporting import open_telemetry
from worker.app.response import begin_response, call_next, response_delivery, tell_of_alerts
from worker.app.retention import retention
from worker.app.shift_messages import shift_messages
from worker.app.shutdown import last_resort, stop_on_signals
from worker.domain.errors import TocsinError
from worker.domain.grouping_rules import GroupingRules
from worker.engine.executor import OnUndecided, Timing
from worker.engine.launcher import Launcher, store_breaker
from worker.engine.store_alarm import StoreAlarm
from worker.engine.sweep_schedule import sweep_by_turns
from worker.grouping.alert_store import AlertStore, open_alert_store
from worker.grouping.courses import Courses
from worker.grouping.flood_guard import FloodGuard
from worker.grouping.grouper import Grouper, Windows
from worker.lifecycle.dispatcher import Dispatcher
from worker.lifecycle.reminders import ReminderScheduler
from worker.lifecycle.report_joining import ReportJoining
from worker.lifecycle.response.delivery import ResponseDelivery
from worker.lifecycle.response.scheduling import TimerScheduler
from worker.lifecycle.response.sweep import TimerSweep, sweep_timers_by_turns
from worker.lifecycle.shift_message_turns import tell_shifts_by_turns
from worker.lifecycle.summary_update import SummaryUpdate, TellResponse
from worker.messaging.concurrency import Shares
from worker.messaging.connection import Queue, open_queue
from worker.messaging.consumer import Consumer
from worker.messaging.decoding import Decoder
from worker.messaging.delivery import MessageHandler
from worker.messaging.mark import Marks
from worker.messaging.watchdog import PollsStopped
from worker.observability.heartbeat import Heartbeat
from worker.oncall.lookup import keep_fresh
from worker.resilience.admission import Admission
from worker.resilience.race import run_until
from worker.resilience.retrying import retry_transient
from worker.retention.schedule import retain_by_turns
from worker.settings import Settings
from worker.storage.store_time import StoreTime
from worker.storage.stores import Stores, open_stores

log = structlog.get_logger()


@asynccontextmanager
async def _open_health(settings: Settings, consumer: Consumer, numbers: Callable[[], str]) -> AsyncIterator[None]:
    """The event loop's pulse, shown to the platform where it asks for it."""
    heartbeat = Heartbeat()
    async with AsyncExitStack() as stack:
        if settings.health_port is not None:
            # Before the first beat, since to import a web server takes long; nobody else needs it.
            from worker.messaging.health import serve_health, why_not_ready  # noqa: PLC0415 (as above)

            def is_ready() -> str | None:
                return why_not_ready(consumer.statuses, draining=consumer.draining)

            address = (settings.health_host, settings.health_port)
            serving = serve_health(*address, heartbeat=heartbeat, is_ready=is_ready, metrics=numbers)
            await stack.enter_async_context(serving)
        beating = asyncio.create_task(heartbeat.beat())
        stack.callback(beating.cancel)
        yield


async def run_worker(settings: Settings, ready: Callable[[], None] = lambda: None) -> None:
    """One worker process, until it is told to stop; raises PollsStopped when the queue stays silent."""
    stopping = asyncio.Event()
    async with AsyncExitStack() as stack:
        stack.enter_context(stop_on_signals(stopping.set))
        numbers = await stack.enter_async_context(open_telemetry(settings, "worker"))
        queue = await stack.enter_async_context(open_queue(settings))
        stores = await stack.enter_async_context(open_stores(settings, owner=worker_name()))
        clients = await stack.enter_async_context(open_clients(settings))
        alert_store = await stack.enter_async_context(open_alert_store(settings))
        marks = Marks(stores.mark_key.read_or_create)
        timers = TimerScheduler(queue.sender.publish, marks)
        tables = store_breaker(pause=settings.probe_seconds)
        response = response_delivery(settings, clients, stores, timers, tables=tables, alerts=alert_store)
        clock = StoreTime(stores.table.clock_lead)
        launcher = _launcher(settings, clients, stores, response, clock)
        reminders = ReminderScheduler(queue.sender.publish, settings.grouping_tell_seconds, marks)
        dispatcher = _dispatcher(
            settings,
            launcher,
            alert_store,
            clients,
            reminders=reminders,
            response=response,
            tell_response=partial(tell_of_alerts, response, clock),
        )
        consumer = _consumer(settings, queue, dispatcher, marks)
        # Before anything is waited for: a platform ends what does not say soon that it is alive.
        await stack.enter_async_context(_open_health(settings, consumer, numbers))
        # Whoever is not there yet is waited for; what is misconfigured or forbidden ends the process.
        reaching = retry_transient(stores.table.prepare, attempts=None, on_retry=_log_waiting)
        await run_until(stopping.wait(), reaching)
        checking = asyncio.create_task(clients.check())
        stack.callback(checking.cancel)
        stack.callback(asyncio.create_task(keep_fresh(clients.on_call)).cancel)
        watching = asyncio.create_task(watch_clock(stores.table.clock_lead))
        stack.callback(watching.cancel)
        # A cold sender costs half a second, which the first launch would wait for.
        stack.callback(asyncio.create_task(queue.sender.keep_open()).cancel)
        timer_sweep = TimerSweep(stores.incidents, stores.responses, timers, settings.minute_seconds)
        stack.callback(asyncio.create_task(sweep_timers_by_turns(timer_sweep, stores.turns, clock)).cancel)
        if every := settings.sweep_every_seconds:
            sweeping = asyncio.create_task(sweep_by_turns(clients.sweep(stores), stores.turns, every))
            stack.callback(sweeping.cancel)
        if keep := settings.keep_days:
            retaining = retain_by_turns(
                retention(settings, keep, queue, stores), stores.turns, settings.export_directory
            )
            stack.callback(asyncio.create_task(retaining).cancel)
        if (before := settings.shift_messages) is not None:
            messages = shift_messages(settings, before, clients, stores, alert_store)
            telling = asyncio.create_task(tell_shifts_by_turns(messages, stores.turns, stopping))
            stack.callback(telling.cancel)
        asking = asyncio.create_task(_call_when_set(stopping, consumer.stop))
        stack.callback(asking.cancel)
        # What is imported by now stays for good; to look through it again would halt the event loop for long.
        gc.freeze()
        try:
            await consumer.run(ready)
        except PollsStopped:
            last_resort()
            raise


def _log_waiting(error: TocsinError, attempt: int) -> None:
    log.warning("worker.waiting", error=str(error), attempt=attempt)


async def _call_when_set(event: asyncio.Event, act: Callable[[], None]) -> None:
    await event.wait()
    act()


def _consumer(settings: Settings, queue: Queue, handler: MessageHandler, marks: Marks) -> Consumer:
    receivers = [queue.receiver(f"{worker_name()}/{number}") for number in range(settings.slots + settings.waiting)]
    decoder = Decoder(settings.reading)
    limit = Shares.of(settings.slots, settings.waiting).receiving
    patience = settings.watchdog_seconds
    return Consumer(receivers, decoder, handler, limit=limit, patience=patience, marks=marks)


def _launcher(
    settings: Settings, clients: Clients, stores: Stores, response: ResponseDelivery, clock: StoreTime
) -> Launcher:
    timing = Timing(allowance=settings.step_allowance, lookup_lag=settings.lookup_lag_seconds)
    on_undecided = OnUndecided(settings.on_undecided)
    give_up_after = settings.give_up_after_seconds
    alarm = StoreAlarm(clients.say_without_store)
    playbook = clients.playbook(
        begin=partial(begin_response, response, clock),
        call_next=partial(call_next, response, clock),
        read=partial(read_response, stores),
    )
    return Launcher(
        playbook,
        stores,
        timing,
        give_up_after,
        on_undecided,
        response.tables,
        clients.reports,
        alarm,
        records=clients.records(partial(begin_response, response, clock)),
    )


def _dispatcher(
    settings: Settings,
    launcher: Launcher,
    alert_store: AlertStore,
    clients: Clients,
    *,
    reminders: ReminderScheduler,
    response: ResponseDelivery,
    tell_response: TellResponse,
) -> Dispatcher:
    # As long as people are told that it is, where their minutes are short.
    reopen = settings.grouping_reopen_seconds * (settings.minute_seconds / 60)
    courses = Courses(launcher.stores.incidents, launcher.stores.responses, reopen)
    windows = Windows(reopen=settings.grouping_reopen_seconds, idle=settings.grouping_idle_seconds)
    summary_update = SummaryUpdate(
        store=launcher.stores.incidents,
        alert_store=alert_store,
        launch=launcher.playbook,
        summary_steps=SUMMARY_STEPS,
        playbook_of=partial(
            summary_playbook,
            boards=clients.boards,
            poster=clients.posting,
            read=partial(read_response, launcher.stores),
        ),
        timing=launcher.timing,
        reopen=settings.grouping_reopen_seconds,
        give_up_after=settings.give_up_after_seconds,
        resolved_state=settings.boards_resolved_state,
        tell_response=tell_response,
        merged_into=courses.merged_into,
    )
    rules = GroupingRules(settings.grouping_rules, settings.grouping_window_seconds)
    floods = FloodGuard(launcher.stores.sender_windows, settings.rate_of)
    grouper = Grouper(alert_store, rules, windows, floods, courses)
    reports = ReportJoining(launcher.stores.incidents, alert_store, courses)
    admission = Admission(Shares.of(settings.slots, settings.waiting).launching)
    return Dispatcher(launcher, grouper, summary_update, reports, reminders, admission, response)
