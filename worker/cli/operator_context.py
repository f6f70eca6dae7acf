"""What the commands on dead letters act on."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from worker.dead_letters.browse import DeadLetters
from worker.domain.audit import operator
from worker.grouping.alert_store import AlertStore, open_alert_store
from worker.messaging.connection import open_queue
from worker.messaging.decoding import Decoder
from worker.messaging.sender import Sender
from worker.observability.log import configure
from worker.settings import Settings
from worker.storage.stores import Stores, open_stores


@dataclass(frozen=True, slots=True)
class OperatorContext:
    dead_letters: DeadLetters
    sender: Sender
    stores: Stores
    alert_store: AlertStore


@asynccontextmanager
async def open_operator_context() -> AsyncIterator[OperatorContext]:
    """Connected at the first use of each."""
    settings = Settings.read()
    configure("console", level=logging.ERROR)
    async with (
        open_queue(settings) as queue,
        open_stores(settings, owner=operator()) as stores,
        open_alert_store(settings) as alert_store,
    ):
        receiver = queue.dead_letters(f"tocsin {operator()}")
        try:
            dead_letters = DeadLetters(receiver, Decoder(settings.reading), alert_store.key_of)
            yield OperatorContext(dead_letters, queue.sender, stores, alert_store)
        finally:
            await receiver.close()
