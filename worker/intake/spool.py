"""The spool: events are accepted while the queue is down, kept on disk, and sent when it answers."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import TypeVar

import structlog

from worker.domain.encoded_event import EncodedEvent
from worker.domain.errors import Misconfigured, Rejected, Throttled, TocsinError, Undecodable, Unreachable
from worker.intake.spool_file import Kept, SpoolFile
from worker.observability import telemetry

log = structlog.get_logger()

Publish = Callable[[EncodedEvent], Awaitable[None]]
IsDown = Callable[[], object]
Result = TypeVar("Result")

# What is sent before it is removed in one write; the largest events of a batch take some tens of megabytes.
_BATCH = 20
_LOOK_AGAIN = timedelta(seconds=1)
# What was passed over fails for a reason of its own, which lasts.
_LOOK_AGAIN_AT_PASSED_OVER = timedelta(seconds=10)
# A spool is as good as full when the largest message would not go in, and so is a disk.
_ROOM = 250_000
_ROOM_ON_DISK = 300_000
_LOOK_AT_DISK = timedelta(seconds=1)
_COME_AGAIN = timedelta(seconds=30)


class Spool:
    """`delivered_at` is when the queue last took an event from here, by the monotonic clock.

    What arrives when the queue answers again does not wait behind what is kept: the queue's order means nothing to
    workers that race each other.
    """

    def __init__(self, file: SpoolFile, limit: int) -> None:
        self.limit = limit
        self.delivered_at = 0.0
        self._file = file
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="spool")
        self._due: list[tuple[bytes, asyncio.Future[None]]] = []
        self._writing: asyncio.Task[None] | None = None
        self._holds_something = asyncio.Event()
        self._on_its_way = 0
        self._has_logged_waiting = False
        self._has_logged_unforgotten = False
        self._has_logged_trouble = False
        self._note_state()

    @property
    def has_room(self) -> bool:
        return self.why_no_room is None

    @property
    def why_no_room(self) -> str | None:
        """Why the largest event would not be kept, as far as is known: in words for anybody, without a path."""
        if self._file.trouble is not None:
            return "The spool cannot be used; the log says why."
        if self._taken + _ROOM > self.limit:
            return f"The spool has no room left: {self.fill_level}."
        if self._file.free < _ROOM_ON_DISK:
            return f"The spool has no room left: its disk has {self._file.free:,} bytes."
        return None

    @property
    def warning(self) -> str | None:
        """What somebody has to look into, while there is something."""
        if count := self._file.set_aside:
            return f"damaged files of the spool that were set aside: {count}"
        return None

    @property
    def fill_level(self) -> str:
        plural = "" if self.fill.events == 1 else "s"
        sent = f", and {self._unforgotten:,} of what was sent" if self._unforgotten else ""
        return f"{self.fill.events} event{plural}, {self.fill.bytes:,} of {self.limit:,} bytes{sent}"

    @property
    def _taken(self) -> int:
        return self.fill.bytes + self._unforgotten + self._on_its_way

    async def put(self, encoded: EncodedEvent) -> None:
        """Return once it is on disk; raises Throttled when the spool is full, Unreachable when the disk fails."""
        body = encoded.body
        if self._taken + len(body) > self.limit:
            raise Throttled(f"The spool is full: {self.fill_level}.", retry_after=_COME_AGAIN)
        self._on_its_way += len(body)
        stored: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._due.append((body, stored))
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write(), name="spool")
        await stored

    async def deliver(self, publish: Publish, is_down: IsDown) -> None:
        """Until cancelled: send what is kept, the oldest first, and remove what the broker has acknowledged."""
        while True:
            await self._holds_something.wait()
            pause = _LOOK_AGAIN
            try:
                if await self._send_all(publish, is_down):
                    pause = _LOOK_AGAIN_AT_PASSED_OVER
                elif await self._forget([]):
                    continue
            except TocsinError as error:
                self._log_waiting(error)
            except Exception:
                # The outer edge: whatever it was, what is kept is sent later.
                log.exception("spool.crashed")
            await asyncio.sleep(pause.total_seconds())

    async def watch_disk(self) -> None:
        """Until cancelled: know what the disk has left, whoever else fills it, and try again what it did not take."""
        while True:
            await asyncio.sleep(_LOOK_AT_DISK.total_seconds())
            try:
                await self._in_thread(self._file.look)
            except Misconfigured as error:
                self._file.trouble = str(error)
            except Exception:
                # The outer edge: the next look may see it otherwise.
                log.exception("spool.crashed")
            self._note_state()

    async def close(self) -> None:
        if self._writing is not None:
            await self._writing
        await self._in_thread(self._file.close)
        self._thread.shutdown()

    async def _write(self) -> None:
        """Those who come while the disk is busy go together in the next write."""
        while self._due:
            due, self._due = self._due, []
            bodies = [body for body, _ in due]
            size = sum(map(len, bodies))
            try:
                await self._in_thread(partial(self._file.put, bodies))
            except Exception as error:  # noqa: BLE001 (whatever it is, it is the answer of those who wait)
                log.error("spool.failed", error=str(error))
                outcome: Exception | None = error
            else:
                outcome = None
            self._on_its_way -= size
            self._note_state()
            _resolve(due, outcome)

    async def _send_all(self, publish: Publish, is_down: IsDown) -> bool:
        """Whether something was passed over; raises what keeps the queue from taking anything."""
        last, passed_over = 0, False
        while batch := await self._in_thread(partial(self._file.after, last, _BATCH)):
            sent: list[Kept] = []
            try:
                for kept in batch:
                    last = kept.number
                    if await self._send(kept, publish, is_down):
                        sent.append(kept)
            finally:
                if sent:
                    await self._forget(sent)
            passed_over = passed_over or len(sent) < len(batch)
        return passed_over

    async def _send(self, kept: Kept, publish: Publish, is_down: IsDown) -> bool:
        """Whether the broker has it; raises what keeps the queue from taking anything."""
        try:
            await publish(EncodedEvent.read(kept.body))
        except TocsinError as error:
            # What fails by itself does not hold up what was accepted after it.
            if is_down() and not isinstance(error, Rejected | Undecodable):
                raise
            log.error("spool.passed_over", number=kept.number, error=str(error))
            return False
        self.delivered_at = time.monotonic()
        self._has_logged_waiting = False
        return True

    async def _forget(self, sent: list[Kept]) -> bool:
        """Whether all that was sent is gone from the disk; what is not is remembered, and not sent again."""
        try:
            await self._in_thread(partial(self._file.forget, sent))
        except Unreachable as error:
            if not self._has_logged_unforgotten:
                log.warning("spool.not_forgotten", error=str(error))
            self._has_logged_unforgotten = True
        else:
            self._has_logged_unforgotten = False
        self._note_state()
        if sent:
            log.info("spool.delivered", events=len(sent), left=self.fill.events)
        return not self._unforgotten

    def _note_state(self) -> None:
        self.fill, self._unforgotten = self._file.fill, self._file.unforgotten
        if self.fill.events or self._unforgotten:
            self._holds_something.set()
        else:
            self._holds_something.clear()
        telemetry.spool(events=self.fill.events, size=self.fill.bytes, oldest=self.fill.oldest)
        telemetry.spool_disk(free=self._file.free, set_aside=self._file.set_aside)
        trouble = self._file.trouble
        if trouble and not self._has_logged_trouble:
            log.error("spool.unusable", error=trouble)
        elif self._has_logged_trouble and not trouble:
            log.info("spool.usable")
        self._has_logged_trouble = trouble is not None

    def _log_waiting(self, error: TocsinError) -> None:
        if not self._has_logged_waiting:
            log.warning("spool.waiting", error=str(error), events=self.fill.events, bytes=self.fill.bytes)
        self._has_logged_waiting = True

    async def _in_thread(self, work: Callable[[], Result]) -> Result:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)


@asynccontextmanager
async def open_spool(directory: Path, limit: int) -> AsyncIterator[Spool]:
    """Raises Misconfigured where another intake has it, a newer release wrote it, or this user may not use it."""
    spool = Spool(await asyncio.to_thread(SpoolFile.open, directory), limit)
    if spool.fill.events:
        log.warning("spool.found", events=spool.fill.events, bytes=spool.fill.bytes)
    watching = asyncio.create_task(spool.watch_disk(), name="spool-disk")
    try:
        yield spool
    finally:
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)
        await spool.close()


def _resolve(due: list[tuple[bytes, asyncio.Future[None]]], error: Exception | None) -> None:
    for _, stored in due:
        if stored.done():
            continue
        if error is None:
            stored.set_result(None)
        else:
            stored.set_exception(error)
