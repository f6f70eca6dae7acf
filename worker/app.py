"""The composition root: settings become clients, clients a worker or an intake; the only importer of handlers."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Literal

import structlog

import handlers
import handlers.doubles
import handlers.tellers
from worker import telemetry
from worker.checkpoints import Store, open_store
from worker.clients.boards import Boards, boards_breaker
from worker.clients.graph import graph_breaker
from worker.clients.on_call import OnCallTable, open_on_call
from worker.clients.posting import Poster
from worker.clients.posting_bot import bot_breaker
from worker.clients.posting_routes import open_poster
from worker.clients.team_limits import TeamLimits
from worker.clients.teams import Teams, open_teams
from worker.connections import open_history, worker_name
from worker.consumer import Consumer
from worker.credentials import azure_credential
from worker.errors import TocsinError, Transient
from worker.fold_rules import FoldRules
from worker.folding import Folding, Windows
from worker.folds import Folds, open_folds
from worker.follow_up import FollowUp
from worker.handling import Handling
from worker.heartbeat import Heartbeat
from worker.history import History
from worker.in_hand import Handler, unless
from worker.incident import Event
from worker.launch import Launcher, store_breaker
from worker.respond import OnUndecided, Timing
from worker.retry import backoff
from worker.service_bus import Queue, open_queue
from worker.settings import Settings
from worker.shutdown import last_resort, on_signals
from worker.spool import IsDown, Publish, Spool, open_spool
from worker.step import Playbook
from worker.sweep import Sweep
from worker.sweep_timer import sweep_by_turns
from worker.telling import Telling
from worker.watchdog import PollsStopped

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Clients:
    """The remote systems that the steps act on."""

    boards: Boards
    teams: Teams
    poster: Poster
    on_call: OnCallTable

    def playbook(self) -> Playbook:
        return handlers.playbook(boards=self.boards, teams=self.teams, poster=self.poster, on_call=self.on_call)

    def sweep(self, store: Store) -> Sweep:
        looks = partial(handlers.doubles.looks, boards=self.boards, teams=self.teams, poster=self.poster)
        return Sweep(store, self.playbook(), looks)

    async def check(self) -> None:
        """Say aloud, at the start and not at night, what a launch would fail on; the launches go on all the same."""
        checks = {"boards": self.boards.check, "teams": self.teams.check, "posting": self.poster.check}
        with telemetry.errand("check"):
            for system, check in checks.items():
                try:
                    await check()
                except TocsinError as error:
                    log.error("worker.check_failed", system=system, error=str(error))


@asynccontextmanager
async def open_clients(settings: Settings) -> AsyncIterator[Clients]:
    settings.require("boards_url", "teams_team_id")
    async with AsyncExitStack() as stack:
        credential = azure_credential(settings)
        if credential is not None:
            await stack.enter_async_context(credential)
        pause = settings.probe_seconds
        limits = TeamLimits(
            requests=settings.teams_requests_per_second, new_channels=settings.teams_channels_per_second
        )
        graph, bot = graph_breaker(pause), bot_breaker(pause)
        boards = await stack.enter_async_context(Boards.from_settings(settings, breaker=boards_breaker(pause)))
        teams = await stack.enter_async_context(open_teams(settings, credential, breaker=graph, limits=limits))
        opening = open_poster(settings, teams, credential, graph=graph, bot=bot, limits=limits)
        poster = await stack.enter_async_context(opening)
        on_call = await stack.enter_async_context(open_on_call(settings, credential))
        yield Clients(boards, teams, poster, on_call)


@asynccontextmanager
async def _reported(settings: Settings, role: Literal["worker", "intake"]) -> AsyncIterator[Callable[[], str]]:
    """What happens within is told to a collector if there is one, and to whoever asks for the numbers."""
    if role == "worker" and settings.otlp_endpoint is None and settings.health_port is None:
        yield str
        return
    from worker.reporting import open_reporting  # noqa: PLC0415 (not loaded where nobody would hear it)

    async with open_reporting(settings, role) as reporting:
        with telemetry.told_to(reporting.telemetry):
            yield reporting.text


@asynccontextmanager
async def _showing_health(settings: Settings, consumer: Consumer, numbers: Callable[[], str]) -> AsyncIterator[None]:
    """The event loop's pulse, shown to the platform where it asks for it."""
    heartbeat = Heartbeat()
    async with AsyncExitStack() as stack:
        beating = asyncio.create_task(heartbeat.beat())
        stack.callback(beating.cancel)
        if settings.health_port is not None:
            from worker.health import serve_health, why_not_ready  # noqa: PLC0415 (a web server nobody else needs)

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
        numbers = await stack.enter_async_context(_reported(settings, "worker"))
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


@asynccontextmanager
async def open_sweep(settings: Settings) -> AsyncIterator[Sweep]:
    """A sweep of a person's own."""
    async with open_history(settings) as store, open_clients(settings) as clients:
        yield clients.sweep(store)


async def run_intake(settings: Settings, host: str, port: int, ready: Callable[[str], None] = lambda _: None) -> None:
    """The front door, until it is told to stop; `ready` hears its address."""
    # Imported here, since a worker starts a good deal sooner without a web framework.
    from worker.http_server import serve  # noqa: PLC0415
    from worker.intake import check_listen_address, create_intake  # noqa: PLC0415

    check_listen_address(settings, host)
    async with AsyncExitStack() as stack:
        numbers = await stack.enter_async_context(_reported(settings, "intake"))
        sender = (await stack.enter_async_context(open_queue(settings))).sender
        store = await stack.enter_async_context(open_history(settings))
        folds = await stack.enter_async_context(open_folds(settings))

        async def publish(event: Event) -> None:
            await sender.publish(await store.aside.fitting(event))

        def why_down() -> str | None:
            return sender.trouble

        async def history(incident_id: str) -> History | None:
            return await folds.told_with(await store.history(incident_id))

        spool = await stack.enter_async_context(_spooling(settings, publish, why_down))
        app = create_intake(settings, publish, history, why_down, numbers, find_alert=folds.story, spool=spool)
        opening = asyncio.create_task(sender.keep_open())
        stack.callback(opening.cancel)
        await serve(app, host, port, ready=ready)


@asynccontextmanager
async def _spooling(settings: Settings, publish: Publish, is_down: IsDown) -> AsyncIterator[Spool | None]:
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
        told_by=handlers.tellers.TELLERS,
        tellers=partial(handlers.tellers.tellers, boards=clients.boards, poster=clients.poster),
        timing=launcher.timing,
        reopen=settings.fold_reopen_seconds,
        give_up_after=settings.give_up_after_seconds,
        resolved_state=settings.boards_resolved_state,
    )
    folding = Folding(folds, FoldRules(settings.fold_rules, settings.fold_window_seconds), windows)
    return Handling(launcher, folding, follow_up, Telling(queue.sender.publish, settings.fold_tell_seconds))
