"""What /metrics says is read by Prometheus as it was counted; its own parser is the judge."""

import pytest
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from prometheus_client.parser import text_string_to_metric_families

from worker.observability.metrics import TABLE, Metrics
from worker.observability.prometheus_text import prometheus_text


@pytest.fixture
def reader():
    return InMemoryMetricReader()


@pytest.fixture
def metrics(reader):
    meters = MeterProvider([reader], shutdown_on_exit=False)
    yield Metrics(meters.get_meter("tocsin"))
    meters.shutdown()


def samples(reader):
    families = text_string_to_metric_families(prometheus_text(reader.get_metrics_data()))
    return {
        (sample.name, *sorted(sample.labels.items())): sample.value for family in families for sample in family.samples
    }


def test_nothing_counted_is_no_text(reader):
    """Before anything is counted there is nothing to read, and no error."""
    assert prometheus_text(reader.get_metrics_data()) == ""


def test_counters_and_gauges_are_read_as_counted(reader, metrics):
    """Numbers add up by their labels; what goes up and down is shown as it is."""
    for _ in range(3):
        metrics.messages.add(1, {"settlement": "complete"})
    metrics.messages.add(1, {"settlement": "dead_letter"})
    metrics.in_flight.add(2)
    metrics.in_flight.add(-1)
    metrics.last_poll.set(1_700_000_000.25)
    read = samples(reader)
    assert read["tocsin_messages_total", ("settlement", "complete")] == 3
    assert read["tocsin_messages_total", ("settlement", "dead_letter")] == 1
    assert read["tocsin_messages_in_flight",] == 1
    assert read["tocsin_last_poll_timestamp_seconds",] == 1_700_000_000.25


def test_the_buckets_of_a_time_add_up(reader, metrics):
    """Each bucket holds all that was quicker, the last one everything."""
    for seconds in (0.004, 0.3, 0.3, 500):
        metrics.remote_call_seconds.record(seconds, {"system": "boards", "outcome": "done"})
    read, labels = samples(reader), (("outcome", "done"), ("system", "boards"))

    def bucket(bound):
        return read["tocsin_remote_call_seconds_bucket", *sorted((("le", bound), *labels))]

    assert [bucket(bound) for bound in ("0.005", "0.25", "0.5", "75.0", "+Inf")] == [1, 1, 3, 3, 4]
    assert read["tocsin_remote_call_seconds_count", *labels] == 4
    assert read["tocsin_remote_call_seconds_sum", *labels] == pytest.approx(500.604)


@pytest.mark.parametrize("hostile", ['a"b', "a\\b", "a\nb", 'x"} 9\nfake_total 1', "…\\n"])
def test_a_label_cannot_break_out(reader, metrics, hostile):
    """Whatever a label holds, it is one sample with that label."""
    metrics.dead_letters.add(1, {"reason": hostile})
    assert samples(reader) == {("tocsin_dead_letters_total", ("reason", hostile)): 1}


def test_alarms_have_something_to_start_from(reader, metrics):
    """What an alarm watches for its first rise is there, as zero, before it rises."""
    metrics.start_at_zero("worker")
    read = samples(reader)
    assert read["tocsin_messages_total", ("settlement", "dead_letter")] == 0
    assert read["tocsin_locks_lost_total",] == 0


def test_every_instrument_is_in_the_table(metrics):
    """The table of metrics and the instruments are the same."""
    instruments = list(vars(metrics).values())
    assert {instrument.name for instrument in instruments} == {metric.name for metric in TABLE}
    assert all(instrument.description for instrument in instruments)
