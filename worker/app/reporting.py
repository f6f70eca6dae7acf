"""What happens in a process is told to a collector and to whoever asks for the numbers."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Literal

from worker.observability import telemetry
from worker.settings import Settings


@asynccontextmanager
async def open_telemetry(settings: Settings, role: Literal["worker", "intake"]) -> AsyncIterator[Callable[[], str]]:
    """What happens within is told to a collector if there is one, and to whoever asks for the numbers."""
    if role == "worker" and settings.otlp_endpoint is None and settings.health_port is None:
        yield str
        return
    from worker.observability.exporters import open_reporting  # noqa: PLC0415 (not loaded where nobody would hear it)

    async with open_reporting(settings, role) as reporting:
        with telemetry.reporting_to(reporting.telemetry):
            yield reporting.text
