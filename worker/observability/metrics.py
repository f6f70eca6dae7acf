"""The numbers that a process keeps of its work: the table of them, and the instruments that fill it.

Names are promises: alerts and dashboards depend on them. Every label takes a handful of values that stand in the code
or in the playbook; none holds an id, an address or a person.
"""

from dataclasses import dataclass
from typing import Any

from opentelemetry.metrics import Counter, Histogram, Meter, UpDownCounter

# From a table's milliseconds to the longest time-out of a call.
_CALLS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 75.0)
# From a quiet night's second to the hours after which a launch is given up.
_LAUNCHES = (0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 30.0, 60.0, 120.0, 300.0, 900.0, 3600.0, 14400.0)
# From whoever sits at the screen to the night that nobody answers.
_ANSWERS = (15.0, 30.0, 60.0, 120.0, 300.0, 600.0, 900.0, 1800.0, 3600.0, 7200.0, 14400.0, 43200.0)
# From five minutes to a week.
_ENDS = (300.0, 900.0, 1800.0, 3600.0, 7200.0, 14400.0, 28800.0, 86400.0, 172800.0, 604800.0)
# Beyond the largest of these no renewal of a lock comes in time.
_LAGS = (0.01, 0.05, 0.1, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0)
# Service Bus moves a message to the dead letters at the tenth.
_DELIVERIES = (1.0, 2.0, 3.0, 5.0, 10.0)


@dataclass(frozen=True, slots=True)
class Metric:
    name: str
    about: str
    labels: tuple[str, ...] = ()
    buckets: tuple[float, ...] = ()


TABLE = (
    Metric("tocsin_launch_seconds", "From received by the intake to launched.", (), _LAUNCHES),
    Metric("tocsin_told_seconds", "From received by the intake to the first person told.", (), _LAUNCHES),
    Metric("tocsin_nobody_told_total", "Incidents of which nobody could be told within half a minute."),
    Metric(
        "tocsin_escalations_total",
        "Escalations by what they came to: acknowledged, ended, last_resort, nobody_told, timed_out.",
        ("outcome",),
    ),
    Metric("tocsin_escalation_late_seconds", "How late the next level was told.", (), _LAUNCHES),
    Metric("tocsin_acknowledge_seconds", "From the first level told to the first acknowledgement.", (), _ANSWERS),
    Metric("tocsin_mitigate_seconds", "From its beginning, else its receipt, to mitigated.", (), _ENDS),
    Metric("tocsin_resolve_seconds", "From its beginning, else its receipt, to resolved.", (), _ENDS),
    Metric("tocsin_updates_total", "Promised updates by whether they came in time: kept, broken.", ("outcome",)),
    Metric("tocsin_pages_total", "People told by escalations, the first level by the launch, by level.", ("level",)),
    Metric("tocsin_launches_put_off_total", "Launches and summaries that found no place, others being first."),
    Metric("tocsin_flooded_alerts_total", "Alerts gathered in a flood, since their sender opened too many incidents."),
    Metric("tocsin_alerts_total", "Alerts by what became of them: opened, joined, recorded.", ("disposition",)),
    Metric(
        "tocsin_alerts_left_out_total",
        "Alerts that were not read since a call had too many (count), and calls refused as too large (body).",
        ("reason",),
    ),
    Metric("tocsin_messages_total", "Messages by what was done with them at the end.", ("settlement",)),
    Metric("tocsin_dead_letters_total", "Messages put into the dead letters, by reason.", ("reason",)),
    Metric("tocsin_messages_in_flight", "Messages being processed, waiting ones included."),
    Metric("tocsin_queue_age_seconds", "How long a message lay in the queue when it was received.", (), _LAUNCHES),
    Metric("tocsin_deliveries", "How often a message had been delivered when it was received.", (), _DELIVERIES),
    Metric("tocsin_step_seconds", "Steps by name and how they ended.", ("step", "outcome"), _CALLS),
    Metric("tocsin_remote_call_seconds", "Calls to other systems, each try by itself.", ("system", "outcome"), _CALLS),
    Metric("tocsin_commit_seconds", "Commits of leases and checkpoints.", ("outcome",), _CALLS),
    Metric("tocsin_lock_renewals_total", "Renewals of message locks.", ("outcome",)),
    Metric("tocsin_locks_lost_total", "Messages whose lock was lost while they were processed."),
    Metric("tocsin_settlement_retries_total", "Settlements that had to be repeated."),
    Metric("tocsin_reconnects_total", "Links to the queue that broke and had to be opened anew."),
    Metric("tocsin_breaker_open", "1 while calls to the system are held back.", ("system",)),
    Metric("tocsin_roster_unreadable_rows", "Rows of the on-call table that could not be read at the last launch."),
    Metric("tocsin_fullest_team_channels", "Channels of the fullest team, of the 1,000 that it can hold."),
    Metric("tocsin_last_poll_timestamp_seconds", "When the queue last answered a poll, in Unix time."),
    Metric("tocsin_event_loop_lag_seconds", "The longest that the event loop stood still in each second.", (), _LAGS),
    Metric("tocsin_event_loop_longest_pause_seconds", "The longest that the event loop stood still in a minute."),
    Metric("tocsin_http_request_seconds", "Requests to the intake.", ("method", "route", "status"), _CALLS),
    Metric(
        "tocsin_retention_deleted_total",
        "What was deleted for its age: incidents, and what belongs to none.",
        ("kind",),
    ),
    Metric("tocsin_retention_last_run_timestamp_seconds", "When this worker last ended such a run, in Unix time."),
    Metric("tocsin_shift_messages_total", "Messages to people about their shifts, by each way.", ("kind", "outcome")),
    Metric("tocsin_spool_events", "Accepted events that the intake keeps on disk until the queue answers."),
    Metric("tocsin_spool_bytes", "The size of the events in the intake's spool."),
    Metric("tocsin_spool_oldest_timestamp_seconds", "When the oldest event in the spool was kept, in Unix time, or 0."),
    Metric("tocsin_spool_free_bytes", "What the spool can still write to its disk, whatever its own limit."),
    Metric("tocsin_spool_set_aside", "Damaged files of the spool that are kept for somebody to look into."),
)
_BY_NAME = {metric.name: metric for metric in TABLE}


class Metrics:
    def __init__(self, meter: Meter) -> None:
        self.launch_seconds = _histogram(meter, "tocsin_launch_seconds")
        self.told_seconds = _histogram(meter, "tocsin_told_seconds")
        self.nobody_told = _counter(meter, "tocsin_nobody_told_total")
        self.escalations = _counter(meter, "tocsin_escalations_total")
        self.escalation_late_seconds = _histogram(meter, "tocsin_escalation_late_seconds")
        self.acknowledge_seconds = _histogram(meter, "tocsin_acknowledge_seconds")
        self.mitigate_seconds = _histogram(meter, "tocsin_mitigate_seconds")
        self.resolve_seconds = _histogram(meter, "tocsin_resolve_seconds")
        self.updates = _counter(meter, "tocsin_updates_total")
        self.pages = _counter(meter, "tocsin_pages_total")
        self.launches_put_off = _counter(meter, "tocsin_launches_put_off_total")
        self.flooded = _counter(meter, "tocsin_flooded_alerts_total")
        self.alerts = _counter(meter, "tocsin_alerts_total")
        self.alerts_left_out = _counter(meter, "tocsin_alerts_left_out_total")
        self.messages = _counter(meter, "tocsin_messages_total")
        self.dead_letters = _counter(meter, "tocsin_dead_letters_total")
        self.in_flight = _up_and_down(meter, "tocsin_messages_in_flight")
        self.queue_age_seconds = _histogram(meter, "tocsin_queue_age_seconds")
        self.deliveries = _histogram(meter, "tocsin_deliveries")
        self.step_seconds = _histogram(meter, "tocsin_step_seconds")
        self.remote_call_seconds = _histogram(meter, "tocsin_remote_call_seconds")
        self.commit_seconds = _histogram(meter, "tocsin_commit_seconds")
        self.lock_renewals = _counter(meter, "tocsin_lock_renewals_total")
        self.locks_lost = _counter(meter, "tocsin_locks_lost_total")
        self.settlement_retries = _counter(meter, "tocsin_settlement_retries_total")
        self.reconnects = _counter(meter, "tocsin_reconnects_total")
        self.breaker_open = _gauge(meter, "tocsin_breaker_open")
        self.roster_unreadable = _gauge(meter, "tocsin_roster_unreadable_rows")
        self.fullest_team = _gauge(meter, "tocsin_fullest_team_channels")
        self.last_poll = _gauge(meter, "tocsin_last_poll_timestamp_seconds")
        self.event_loop_lag = _histogram(meter, "tocsin_event_loop_lag_seconds")
        self.event_loop_longest_pause = _gauge(meter, "tocsin_event_loop_longest_pause_seconds")
        self.http_request_seconds = _histogram(meter, "tocsin_http_request_seconds")
        self.retention_deleted = _counter(meter, "tocsin_retention_deleted_total")
        self.retention_last_run = _gauge(meter, "tocsin_retention_last_run_timestamp_seconds")
        self.shift_messages = _counter(meter, "tocsin_shift_messages_total")
        self.spool_events = _gauge(meter, "tocsin_spool_events")
        self.spool_bytes = _gauge(meter, "tocsin_spool_bytes")
        self.spool_oldest = _gauge(meter, "tocsin_spool_oldest_timestamp_seconds")
        self.spool_free = _gauge(meter, "tocsin_spool_free_bytes")
        self.spool_set_aside = _gauge(meter, "tocsin_spool_set_aside")

    def start_at_zero(self, role: str) -> None:
        """A rate needs a number before the first event, or nobody is alarmed by the first dead letter of a night."""
        for reason in ("count", "body"):
            self.alerts_left_out.add(0, {"reason": reason})
        if role == "intake":
            return
        counters = (self.nobody_told, self.launches_put_off, self.flooded, self.locks_lost, self.settlement_retries)
        for counter in (*counters, self.reconnects, self.in_flight):
            counter.add(0)
        for outcome in ("acknowledged", "ended", "last_resort", "nobody_told", "timed_out"):
            self.escalations.add(0, {"outcome": outcome})
        for settlement in ("complete", "retry_later", "abandon", "dead_letter", "unsettled"):
            self.messages.add(0, {"settlement": settlement})
        for kind in ("before", "handover", "moved"):
            for outcome in ("told", "not_told", "dropped"):
                self.shift_messages.add(0, {"kind": kind, "outcome": outcome})
        for outcome in ("done", "failed"):
            self.lock_renewals.add(0, {"outcome": outcome})


def _unit(name: str) -> str:
    return "s" if name.endswith("_seconds") else ""


def _counter(meter: Meter, name: str) -> Counter:
    return meter.create_counter(name, description=_BY_NAME[name].about)


def _up_and_down(meter: Meter, name: str) -> UpDownCounter:
    return meter.create_up_down_counter(name, description=_BY_NAME[name].about)


def _gauge(meter: Meter, name: str) -> Any:  # the API does not export its type
    return meter.create_gauge(name, _unit(name), _BY_NAME[name].about)


def _histogram(meter: Meter, name: str) -> Histogram:
    metric = _BY_NAME[name]
    return meter.create_histogram(
        name, _unit(name), metric.about, explicit_bucket_boundaries_advisory=list(metric.buckets)
    )
