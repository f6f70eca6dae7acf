"""A collector gets spans and numbers in its own protocol, and one that is dead holds up nobody."""

import asyncio
import socket

import pytest
from collector import collector
from opentelemetry import metrics, trace
from seen import numbers_in

from worker.observability import telemetry
from worker.observability.exporters import open_reporting
from worker.observability.telemetry import reporting_to
from worker.settings import Settings


def settings(**others):
    return Settings.read(_env_file=None, **others)


@pytest.fixture(autouse=True)
def _no_settings_of_this_machine(monkeypatch):
    for name in ("OTEL_SERVICE_NAME", "OTEL_RESOURCE_ATTRIBUTES", "OTEL_EXPORTER_OTLP_ENDPOINT"):
        monkeypatch.delenv(name, raising=False)


async def test_spans_and_numbers_reach_the_collector():
    """At the end at the latest everything that was told is there, with who told it and the key that was given."""
    async with collector() as (taken, address):
        chosen = settings(otlp_endpoint=address, otlp_headers="x-key=abc")
        async with open_reporting(chosen, "worker") as reporting:
            with reporting_to(reporting.telemetry), telemetry.step("announce", 1):
                pass
    assert [(service, span.name) for service, span in taken.spans] == [("tocsin-worker", "announce")]
    assert "tocsin_step_seconds" in {metric.name for metric in taken.metrics}
    assert taken.keys == {"abc"}


async def test_the_name_of_the_environment_comes_first(monkeypatch):
    """Whoever runs several of us tells them apart by the variable that every program knows."""
    monkeypatch.setenv("OTEL_SERVICE_NAME", "tocsin-worker-eu")
    async with collector() as (taken, address), open_reporting(settings(otlp_endpoint=address), "worker") as reporting:
        with reporting_to(reporting.telemetry), telemetry.step("announce", 1):
            pass
    assert taken.services == {"tocsin-worker-eu"}


async def test_without_a_collector_the_numbers_are_there_to_be_asked_for():
    """The text for Prometheus needs no collector, and spans have their ids."""
    async with open_reporting(settings(), "worker") as reporting:
        with reporting_to(reporting.telemetry), telemetry.step("announce", 1):
            pass
        assert numbers_in(reporting.text())["tocsin_step_seconds_count", "outcome=done", "step=announce"] == 1
    assert reporting.telemetry.tracer is telemetry.OFF.tracer


async def test_a_collector_that_never_answers_holds_up_no_end():
    """A process ends although what it told last was taken by nobody."""
    with socket.create_server(("127.0.0.1", 0)) as mute:
        address = "http://{}:{}".format(*mute.getsockname())
        async with asyncio.timeout(10), open_reporting(settings(otlp_endpoint=address), "worker") as reporting:
            with reporting_to(reporting.telemetry), telemetry.step("announce", 1):
                pass


async def test_only_tocsin_tells():
    """The SDKs find no tracer and no meter of ours, so that no poll and no token makes a span."""
    async with collector() as (_, address), open_reporting(settings(otlp_endpoint=address), "worker"):
        assert not trace.get_tracer("azure").start_span("poll").is_recording()
        assert type(metrics.get_meter_provider()).__module__.startswith("opentelemetry.metrics")
