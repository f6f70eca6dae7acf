"""Where spans and numbers go: by OTLP to a collector if one is named, and as text to whoever asks for /metrics."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from importlib.metadata import version
from typing import Any, Literal

from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader, MetricReader, PeriodicExportingMetricReader
from opentelemetry.sdk.resources import OTELResourceDetector, Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.util.re import parse_env_headers

from worker.observability.metrics import Metrics
from worker.observability.prometheus_text import prometheus_text
from worker.observability.telemetry import OFF, Telemetry
from worker.settings import Settings

Role = Literal["worker", "intake"]

# What is left at the end is sent if the collector is there; no shutdown waits longer for one that is not.
_FLUSH = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Reporting:
    telemetry: Telemetry
    text: Callable[[], str]


@asynccontextmanager
async def open_reporting(settings: Settings, role: Role) -> AsyncIterator[Reporting]:
    """Keeps providers of its own: through the process-wide ones the SDKs would tell of every poll and token."""
    resource = _resource(role)
    shown = InMemoryMetricReader()
    meters = MeterProvider([shown, *_metric_exports(settings)], resource, shutdown_on_exit=False)
    metrics = Metrics(meters.get_meter("tocsin"))
    metrics.start_at_zero(role)
    traces = _traces(settings, resource)
    tracer = traces.get_tracer("tocsin") if traces else OFF.tracer
    try:
        yield Reporting(Telemetry(tracer, metrics), lambda: prometheus_text(shown.get_metrics_data()))
    finally:
        await _flush(traces, meters)


def _resource(role: Role) -> Resource:
    """Who reports; what OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES say comes before what we say of ourselves."""
    ours = {"service.name": f"tocsin-{role}", "service.version": version("tocsin")}
    return Resource.create(ours).merge(OTELResourceDetector().detect())


def _traces(settings: Settings, resource: Resource) -> TracerProvider | None:
    if settings.otlp_endpoint is None:
        return None
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415 (seldom needed)

    traces = TracerProvider(resource=resource, shutdown_on_exit=False)
    exporter = OTLPSpanExporter(f"{settings.otlp_endpoint}/v1/traces", headers=_headers(settings))
    traces.add_span_processor(BatchSpanProcessor(exporter))
    return traces


def _metric_exports(settings: Settings) -> list[MetricReader]:
    if settings.otlp_endpoint is None:
        return []
    from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter  # noqa: PLC0415 (likewise)

    exporter = OTLPMetricExporter(f"{settings.otlp_endpoint}/v1/metrics", headers=_headers(settings))
    return [PeriodicExportingMetricReader(exporter)]


def _headers(settings: Settings) -> dict[str, str] | None:
    if settings.otlp_headers is None:
        return None
    return dict(parse_env_headers(settings.otlp_headers.get_secret_value(), liberal=True))


async def _flush(*providers: Any) -> None:
    closing = [provider.shutdown for provider in providers if provider is not None]
    # Daemons, or the interpreter would wait at its end for a collector that does not answer.
    threads = [threading.Thread(target=close, daemon=True, name="last report") for close in closing]
    for thread in threads:
        thread.start()
    deadline = asyncio.get_running_loop().time() + _FLUSH.total_seconds()
    while any(map(threading.Thread.is_alive, threads)):
        if asyncio.get_running_loop().time() > deadline:
            return
        await asyncio.sleep(0.02)
