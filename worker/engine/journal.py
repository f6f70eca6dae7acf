"""The one writer of an incident's checkpoints within a worker: it gathers what is due and commits it together.

Whoever begins a step waits for the commit that carries it. Results wait for nobody: they travel with the next
beginning, with the renewal of the lease, or after a moment. A result that was not yet stored costs a look-up after a
crash, never a second effect.
"""

import asyncio
import time
from contextlib import suppress
from types import TracebackType
from typing import Self

from worker.domain.checkpoint import Checkpoint
from worker.domain.lease import Closing, Lease, Release
from worker.observability import telemetry
from worker.storage.incident_store import IncidentStore

# Long enough that results mostly travel with the next step's beginning, short enough for those who watch.
_LINGER = 1.0

# Two renewals may fail before the lease is lost.
_RENEWALS_PER_LEASE = 3


class Journal:
    """Used as a context; `lost` ends with the error (a Transient, as Held) that ended this worker's right to act."""

    def __init__(self, store: IncidentStore, lease: Lease) -> None:
        self._store = store
        self._lease = lease
        self._due: dict[str, Checkpoint] = {}
        self._waiting: list[asyncio.Future[None]] = []
        self._called = asyncio.Event()
        self._closing = False
        self.lost: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    @property
    def lease(self) -> Lease:
        return self._lease

    async def __aenter__(self) -> Self:
        self._writer = asyncio.create_task(self._write(), name=f"journal {self._lease.incident.id}")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            await self._stop()
        finally:
            self.lost.cancel()

    async def begin(self, checkpoint: Checkpoint) -> None:
        """Return once it is stored that the step began; raises what lost the lease."""
        if self.lost.done():
            self.lost.result()
        stored: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._due[checkpoint.name] = checkpoint
        self._waiting.append(stored)
        self._called.set()
        await stored

    def hurry(self) -> None:
        """Commit what is due, and how the lease stands, without waiting for an occasion."""
        self._called.set()

    def note(self, checkpoint: Checkpoint) -> None:
        """Store the end of a step when there is occasion."""
        self._due[checkpoint.name] = checkpoint

    async def close(self, closing: Closing | Release) -> None:
        """Commit what is left and give the lease back; raises what lost the lease."""
        await self._stop()
        if self.lost.done():
            self.lost.result()
        with telemetry.commit("close"):
            await self._store.commit(self._lease, self._take_due(), closing)

    async def _stop(self) -> None:
        self._closing = True
        self._called.set()
        # Being cancelled cuts off no commit that is on its way. The cancellation itself goes on: a launch that has lost
        # its lock would else close its lease beside that commit.
        await asyncio.shield(self._writer)

    async def _write(self) -> None:
        while True:
            await self._wait_for_occasion()
            if self._closing:
                return
            due, waiting = self._take_due(), self._take_waiting()
            try:
                with telemetry.commit("checkpoints"):
                    await self._store.commit(self._lease, due)
            except Exception as error:  # noqa: BLE001 (whatever it is, those who wait must hear of it)
                self._lose(error, waiting)
                return
            for stored in waiting:
                if not stored.done():
                    stored.set_result(None)

    async def _wait_for_occasion(self) -> None:
        renewal_at = self._lease.valid_until - self._lease.duration.total_seconds() * (1 - 1 / _RENEWALS_PER_LEASE)
        while not self._called.is_set():
            pause = max(renewal_at - time.monotonic(), 0)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._called.wait(), min(pause, _LINGER))
            if self._due or time.monotonic() >= renewal_at:
                break
        # Steps that become ready at the same moment join in the same transaction.
        await asyncio.sleep(0)
        self._called.clear()

    def _take_due(self) -> list[Checkpoint]:
        due, self._due = list(self._due.values()), {}
        return due

    def _take_waiting(self) -> list[asyncio.Future[None]]:
        waiting, self._waiting = self._waiting, []
        return waiting

    def _lose(self, error: Exception, waiting: list[asyncio.Future[None]]) -> None:
        self.lost.set_exception(error)
        self.lost.exception()
        for stored in (*waiting, *self._take_waiting()):
            if not stored.done():
                stored.set_exception(error)
