"""The composition root: settings become clients, clients a worker or an intake; the only importer of handlers."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial

import structlog

from handlers.summary import TELLERS, tellers
from worker.app.clients import Clients, open_clients
from worker.app.connections import worker_name
from worker.app.reporting import reported
from worker.app.shutdown import last_resort, on_signals
from worker.domain.errors import Transient
from worker.domain.grouping_rules import FoldRules
from worker.engine.executor import OnUndecided, Timing
from worker.engine.launcher import Launcher, store_breaker
from worker.engine.step import Playbook
from worker.engine.sweep_schedule import sweep_by_turns
from worker.grouping.alert_store import Folds, open_folds
from worker.grouping.grouper import Folding, Windows
from worker.lifecycle.dispatcher import Handling
from worker.lifecycle.reminders import Telling
from worker.lifecycle.summary_update import FollowUp
from worker.messaging.connection import Queue, open_queue
from worker.messaging.consumer import Consumer
from worker.messaging.delivery import Handler
from worker.messaging.watchdog import PollsStopped
from worker.observability.heartbeat import Heartbeat
from worker.resilience.backoff import backoff
from worker.resilience.race import unless
from worker.settings import Settings
from worker.storage.incident_store import Store, open_store

log = structlog.get_logger()


@asynccontextmanager
async def _showing_health(settings: Settings, consumer: Consumer, numbers: Callable[[], str]) -> AsyncIterator[None]:
    """The event loop's pulse, shown to the platform where it asks for it."""
    heartbeat = Heartbeat()
    async with AsyncExitStack() as stack:
        beating = asyncio.create_task(heartbeat.beat())
        stack.callback(beating.cancel)
        if settings.health_port is not None:
            from worker.messaging.health import serve_health, why_not_ready  # noqa: PLC0415 (a web server nobody else needs)

            def is_ready() -> str | None:
                return why_not_ready(consumer.polls, draining=consumer.draining)

            address = (settings.health_host, settings.health_port)
            serving = serve_health(*address, heartbeat=heartbeat, is_ready=is_ready, metrics=numbers)
            await stack.enter_async_context(serving)
        yield


async def run_worker(settings: Settings, ready: Callable[[], None] = lambda: None) -> None:
    """One worker process, until it is told to stop; raises PollsStopped when the queue stays silent."""
    stopping = asyncio.Event()
    async with AsyncExitStack() as stack:
        stack.enter_context(on_signals(stopping.set))
        numbers = await stack.enter_async_context(reported(settings, "worker"))
        queue = await stack.enter_async_context(open_queue(settings))
        store = await stack.enter_async_context(open_store(settings, owner=worker_name()))
        clients = await stack.enter_async_context(open_clients(settings))
        folds = await stack.enter_async_context(open_folds(settings))
        launcher = _launcher(settings, clients.playbook(), store)
        consumer = _consumer(settings, queue, _handling(settings, launcher, folds, clients, queue))
        # Before anything is waited for: a platform ends what does not say soon that it is alive.
        await stack.enter_async_context(_showing_health(settings, consumer, numbers))
        await unless(stopping.wait(), _patiently(store.prepare))
        checking = asyncio.create_task(clients.check())
        stack.callback(checking.cancel)
        if every := settings.sweep_every_seconds:
            sweeping = asyncio.create_task(sweep_by_turns(clients.sweep(store), store, every))
            stack.callback(sweeping.cancel)
        asking = asyncio.create_task(_when(stopping, consumer.stop))
        stack.callback(asking.cancel)
        try:
            await consumer.run(ready)
        except PollsStopped:
            last_resort()
            raise


async def _patiently(reach: Callable[[], Awaitable[None]]) -> None:
    """Whoever is not there yet is waited for, aloud; what is misconfigured or forbidden ends the process."""
    for attempt in itertools.count(1):
        try:
            return await reach()
        except Transient as error:
            log.warning("worker.waiting", error=str(error), attempt=attempt)
            await asyncio.sleep(backoff(attempt).total_seconds())
    return None


async def _when(event: asyncio.Event, act: Callable[[], None]) -> None:
    await event.wait()
    act()


def _consumer(settings: Settings, queue: Queue, handler: Handler) -> Consumer:
    slots = [queue.slot(f"{worker_name()}/{number}") for number in range(settings.slots + settings.waiting)]
    return Consumer(slots, handler, seats=settings.slots, patience=settings.watchdog_seconds)


def _launcher(settings: Settings, playbook: Playbook, store: Store) -> Launcher:
    timing = Timing(allowance=settings.step_allowance, lookup_lag=settings.lookup_lag_seconds)
    on_undecided = OnUndecided(settings.on_undecided)
    tables = store_breaker(pause=settings.probe_seconds)
    return Launcher(playbook, store, timing, settings.give_up_after_seconds, on_undecided, tables)


def _handling(settings: Settings, launcher: Launcher, folds: Folds, clients: Clients, queue: Queue) -> Handling:
    windows = Windows(reopen=settings.fold_reopen_seconds, idle=settings.fold_idle_seconds)
    follow_up = FollowUp(
        store=launcher.store,
        folds=folds,
        launch=launcher.playbook,
        told_by=TELLERS,
        tellers=partial(tellers, boards=clients.boards, poster=clients.poster),
        timing=launcher.timing,
        reopen=settings.fold_reopen_seconds,
        give_up_after=settings.give_up_after_seconds,
        resolved_state=settings.boards_resolved_state,
    )
    folding = Folding(folds, FoldRules(settings.fold_rules, settings.fold_window_seconds), windows)
    return Handling(launcher, folding, follow_up, Telling(queue.sender.publish, settings.fold_tell_seconds))
