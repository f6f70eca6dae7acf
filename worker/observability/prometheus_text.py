"""The numbers of a process in Prometheus's text format."""

from collections.abc import Iterator, Mapping
from typing import Any

from opentelemetry.sdk.metrics.export import Histogram, HistogramDataPoint, Metric, MetricsData, Sum

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


def prometheus_text(collected: MetricsData | None) -> str:
    return "".join(f"{line}\n" for metric in _metrics(collected) for line in _lines(metric))


def _metrics(collected: MetricsData | None) -> Iterator[Metric]:
    for resource in collected.resource_metrics if collected else ():
        for scope in resource.scope_metrics:
            # The SDK tells of itself as well, under other names.
            yield from (metric for metric in scope.metrics if metric.name.startswith("tocsin_"))


def _lines(metric: Metric) -> Iterator[str]:
    yield f"# HELP {metric.name} {_escaped(metric.description or '')}"
    yield f"# TYPE {metric.name} {_type(metric)}"
    for point in metric.data.data_points:
        labels = point.attributes or {}
        if isinstance(point, HistogramDataPoint):
            yield from _histogram(metric.name, labels, point)
        else:
            yield f"{metric.name}{_labels(labels)} {_number(point.value)}"  # type: ignore[union-attr]


def _type(metric: Metric) -> str:
    if isinstance(metric.data, Histogram):
        return "histogram"
    return "counter" if isinstance(metric.data, Sum) and metric.data.is_monotonic else "gauge"


def _histogram(name: str, labels: Mapping[str, Any], point: HistogramDataPoint) -> Iterator[str]:
    so_far = 0
    # As Prometheus itself writes them: `1.0`, or the same bucket of two sources would be two.
    bounds = [repr(float(bound)) for bound in point.explicit_bounds]
    for bound, count in zip((*bounds, "+Inf"), point.bucket_counts, strict=True):
        so_far += count
        yield f"{name}_bucket{_labels({**labels, 'le': bound})} {so_far}"
    yield f"{name}_sum{_labels(labels)} {_number(point.sum)}"
    yield f"{name}_count{_labels(labels)} {point.count}"


def _labels(labels: Mapping[str, Any]) -> str:
    pairs = ",".join(f'{name}="{_escaped(str(value), quote=True)}"' for name, value in labels.items())
    return f"{{{pairs}}}" if pairs else ""


def _escaped(text: str, *, quote: bool = False) -> str:
    escaped = text.replace("\\", r"\\").replace("\n", r"\n")
    return escaped.replace('"', r"\"") if quote else escaped


def _number(value: float) -> str:
    return str(int(value)) if float(value).is_integer() else repr(float(value))
