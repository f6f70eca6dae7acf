"""The composition of what deletes old incidents, for a person and for the workers."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial

from worker.app.connections import worker_name
from worker.domain.dead_letter_subjects import DeadLetterSubjects
from worker.messaging.connection import Queue, open_queue
from worker.messaging.dead_letter_subjects import read_subjects
from worker.messaging.decoding import Decoder
from worker.retention.ages import Ages
from worker.retention.run import Retention
from worker.settings import Settings
from worker.storage.stores import Stores, open_stores


def retention(settings: Settings, keep: timedelta, queue: Queue, stores: Stores) -> Retention:
    return Retention(stores, Ages.of(settings, keep), keep, partial(_subjects, settings, queue))


async def _subjects(settings: Settings, queue: Queue) -> DeadLetterSubjects:
    receiver = queue.dead_letters(f"retention {worker_name()}")
    try:
        return await read_subjects(receiver, Decoder(settings.reading))
    finally:
        await receiver.close()


@asynccontextmanager
async def open_retention(settings: Settings, keep: timedelta) -> AsyncIterator[Retention]:
    """A run of a person's own."""
    async with open_queue(settings) as queue, open_stores(settings, owner=worker_name()) as stores:
        yield retention(settings, keep, queue, stores)
