"""Everything that is told to telemetry, kept in memory: spans as they ended, and numbers as Prometheus reads them."""

from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from prometheus_client.parser import text_string_to_metric_families

from worker.observability.metrics import Metrics
from worker.observability.prometheus_text import prometheus_text
from worker.observability.telemetry import Telemetry


class Seen:
    def __init__(self):
        self._spans, self._reader = InMemorySpanExporter(), InMemoryMetricReader()
        self._traces = TracerProvider(shutdown_on_exit=False)
        self._traces.add_span_processor(SimpleSpanProcessor(self._spans))
        self._meters = MeterProvider([self._reader], shutdown_on_exit=False)
        meter = self._meters.get_meter("tocsin")
        self.telemetry = Telemetry(self._traces.get_tracer("tocsin"), Metrics(meter))

    @property
    def spans(self):
        return self._spans.get_finished_spans()

    def span(self, name):
        [found] = [span for span in self.spans if span.name == name]
        return found

    def text(self):
        return prometheus_text(self._reader.get_metrics_data())

    @property
    def numbers(self):
        return numbers_in(self.text())

    def close(self):
        self._traces.shutdown()
        self._meters.shutdown()


def numbers_in(text):
    """By name and labels: `numbers["tocsin_messages_total", "settlement=complete"]`."""
    families = text_string_to_metric_families(text)
    return {
        (sample.name, *(f"{name}={value}" for name, value in sorted(sample.labels.items()))): sample.value
        for family in families
        for sample in family.samples
    }
