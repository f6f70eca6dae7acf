"""What the parts of a process tell of their work besides the log: spans and numbers, through the hooks of this file.

A launch is one trace, from the intake's request to the last step. The hooks reach their exporter through a context
variable, like the send deadline, since they must reach clients and threads without passing through every signature.
With nothing configured a span is only its ids, so that the log's lines of one launch are still found together.

Only Tocsin itself makes spans. The SDKs' own stay off: that of Service Bus makes one for every empty poll.
"""

import asyncio
import random
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.metrics import Histogram, NoOpMeter
from opentelemetry.trace import Link, NonRecordingSpan, NoOpTracer, Span, SpanContext, SpanKind, Status, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from structlog.contextvars import bind_contextvars, bound_contextvars, unbind_contextvars

from worker.domain.settlement import Complete, DeadLetter, RetryLater, Settlement, Split
from worker.observability.log import hide_secrets
from worker.observability.metrics import Metrics

# On a copy that was scheduled: the span of the attempt that gave up for then. The span of the next one links to it.
RETRY_OF = "tocsin-retry-of"

_W3C = TraceContextTextMapPropagator()
_TRACE_HEADERS = ("traceparent", "tracestate")
_SENTENCE_LIMIT = 300
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class _OnlyIds(NoOpTracer):
    """Spans that nobody keeps, with ids that the log shows and the next process goes on with."""

    def start_span(self, name: str, context: Context | None = None, *_: Any, **__: Any) -> Span:
        del name
        parent = trace.get_current_span(context).get_span_context()
        known = parent.is_valid
        return NonRecordingSpan(
            SpanContext(
                trace_id=parent.trace_id if known else random.getrandbits(128) or 1,
                span_id=random.getrandbits(64) or 1,
                is_remote=False,
                # Whether it is kept is for those to say who can keep it.
                trace_flags=parent.trace_flags if known else trace.TraceFlags(trace.TraceFlags.SAMPLED),
                trace_state=parent.trace_state,
            )
        )


@dataclass(frozen=True, slots=True)
class Telemetry:
    tracer: trace.Tracer
    metrics: Metrics


OFF = Telemetry(_OnlyIds(), Metrics(NoOpMeter("tocsin")))
_current: ContextVar[Telemetry] = ContextVar("telemetry", default=OFF)
# Kept beside the current span, which the Graph SDK replaces by those it makes for nobody.
_call: ContextVar[Span] = ContextVar("call", default=trace.INVALID_SPAN)


@contextmanager
def reporting_to(telemetry: Telemetry) -> Iterator[None]:
    """What happens within, in this task and in those that it starts, is told to this one."""
    token = _current.set(telemetry)
    try:
        yield
    finally:
        _current.reset(token)


# The intake and the queue


@dataclass(slots=True)
class Answer:
    """What is known of a request's answer once there is one."""

    route: str = ""
    status: int = 0


@contextmanager
def request(method: str, headers: Mapping[str, str]) -> Iterator[Answer]:
    """One request to the intake, in the trace of its sender if it has one."""
    answer, started = Answer(), time.monotonic()
    known = method if method in _METHODS else "_OTHER"
    attributes = {"http.request.method": known}
    try:
        with _span(known, SpanKind.SERVER, attributes, parent=_W3C.extract(headers, Context())) as span:
            yield answer
            span.update_name(f"{known} {answer.route}".rstrip())
            span.set_attributes({"http.route": answer.route, "http.response.status_code": answer.status})
            if answer.status >= 500:  # noqa: PLR2004 (by convention a 4xx is the sender's error and not ours)
                span.set_attribute("error.type", str(answer.status))
                span.set_status(StatusCode.ERROR)
    finally:
        labels = {"method": known, "route": answer.route, "status": str(answer.status or 500)}
        _metrics().http_request_seconds.record(time.monotonic() - started, labels)


@contextmanager
def sending(queue: str, message_id: str, *, incident: str) -> Iterator[dict[str, str]]:
    """One message on its way into the queue; gives the properties by which its receiver goes on with the trace."""
    attributes = _messaging(queue, message_id, "send") | {"messaging.message.conversation_id": incident}
    with _remote("queue", f"send {queue}", attributes, kind=SpanKind.PRODUCER):
        yield _trace_properties()


def spool(*, events: int, size: int, oldest: float) -> None:
    """What the intake keeps on disk for the queue; `oldest` is in Unix time, and 0 while nothing is kept."""
    _metrics().spool_events.set(events)
    _metrics().spool_bytes.set(size)
    _metrics().spool_oldest.set(oldest)


def spool_disk(*, free: int, set_aside: int) -> None:
    """What the spool's disk takes, in bytes, and how many damaged files are kept there."""
    _metrics().spool_free.set(free)
    _metrics().spool_set_aside.set(set_aside)


def retry_properties() -> dict[str, str]:
    """On a copy for later, besides the trace that it keeps: which attempt it is the continuation of."""
    properties = _trace_properties()
    return {RETRY_OF: properties["traceparent"]} if properties else {}


@dataclass(frozen=True, slots=True)
class ReceivedMessage:
    """A message as it was received; `properties` are its sender's own, and hostile."""

    queue: str
    message_id: str
    enqueued_at: datetime
    deliveries: int
    properties: Mapping[str, object]


@contextmanager
def handling(message: ReceivedMessage) -> Iterator[None]:
    """One message, from its receipt to its settlement; the trace is that of whoever sent it first."""
    metrics = _metrics()
    metrics.queue_age_seconds.record(max((datetime.now(UTC) - message.enqueued_at).total_seconds(), 0))
    metrics.deliveries.record(message.deliveries)
    attributes = _messaging(message.queue, message.message_id, "process") | {
        "messaging.servicebus.message.delivery_count": message.deliveries,
        "messaging.servicebus.message.enqueued_time": int(message.enqueued_at.timestamp()),
    }
    parent, links = _origin(message.properties), _links(message.properties)
    metrics.in_flight.add(1)
    try:
        with _span(f"process {message.queue}", SpanKind.CONSUMER, attributes, parent=parent, links=links):
            yield
    finally:
        unbind_contextvars("incident", "attempt")
        metrics.in_flight.add(-1)


def launching(incident_id: str) -> None:
    """What the message being handled is about, from here on to its settlement."""
    trace.get_current_span().set_attributes(
        {"tocsin.incident.id": incident_id, "messaging.message.conversation_id": incident_id}
    )
    bind_contextvars(incident=incident_id)


def attempted(attempt: int) -> None:
    """Which attempt at the launch this is; a message may live through several."""
    trace.get_current_span().set_attribute("tocsin.attempt", attempt)
    bind_contextvars(attempt=attempt)


def launched(age: timedelta) -> None:
    _metrics().launch_seconds.record(max(age.total_seconds(), 0))


def told(age: timedelta) -> None:
    _metrics().told_seconds.record(max(age.total_seconds(), 0))


def nobody_told() -> None:
    _metrics().nobody_told.add(1)


def escalation_came_to(outcome: str) -> None:
    """`acknowledged`, `ended` otherwise, `last_resort` told, `nobody_told` for want of one, `timed_out` after it."""
    _metrics().escalations.add(1, {"outcome": outcome})


def escalation_fired(*, late: timedelta) -> None:
    _metrics().escalation_late_seconds.record(max(late.total_seconds(), 0))


def acknowledged(after: timedelta) -> None:
    """For the first time, so long after the first level was told."""
    _metrics().acknowledge_seconds.record(max(after.total_seconds(), 0))


def mitigated(after: timedelta) -> None:
    """So long after it began to hurt, with the earlier times of what was reopened."""
    _metrics().mitigate_seconds.record(max(after.total_seconds(), 0))


def resolved(after: timedelta) -> None:
    """As `mitigated`."""
    _metrics().resolve_seconds.record(max(after.total_seconds(), 0))


def updates_came(*, kept: int, broken: int) -> None:
    """Of those that were promised."""
    _metrics().updates.add(kept, {"outcome": "kept"})
    _metrics().updates.add(broken, {"outcome": "broken"})


def level_told(level: str, people: int) -> None:
    _metrics().pages.add(people, {"level": level})


def flooded() -> None:
    """An alert was one too many of its sender."""
    _metrics().flooded.add(1)


def launch_put_off() -> None:
    _metrics().launches_put_off.add(1)


def roster_read(*, unreadable: int) -> None:
    """How many rows of the on-call table a launch could not read."""
    _metrics().roster_unreadable.set(unreadable)


def channels_counted(*, fullest: int) -> None:
    """The number tells of the fullest team alone: a label would have as many values as there are teams."""
    _metrics().fullest_team.set(fullest)


def alert_placed(disposition: str) -> None:
    _metrics().alerts.add(1, {"disposition": disposition})


def alerts_left_out(reason: str, count: int) -> None:
    """`reason`: `count` for those of a call or message that carries too many, `body` for a call refused as a whole."""
    _metrics().alerts_left_out.add(count, {"reason": reason})


def settled(settlement: Settlement, *, confirmed: bool) -> None:
    """What was done with the message being handled; not confirmed means that it comes again."""
    done = _word_for(settlement) if confirmed else "unsettled"
    trace.get_current_span().set_attribute("tocsin.settlement", done)
    _metrics().messages.add(1, {"settlement": done})
    if isinstance(settlement, DeadLetter) and confirmed:
        _metrics().dead_letters.add(1, {"reason": settlement.reason})


def _word_for(settlement: Settlement) -> str:
    match settlement:
        case Complete() | Split():
            return "complete"
        case RetryLater(delay=delay):
            return "retry_later" if delay > timedelta() else "abandon"
        case DeadLetter():
            return "dead_letter"


def lock_renewed() -> None:
    _metrics().lock_renewals.add(1, {"outcome": "done"})


def lock_renewal_failed() -> None:
    _metrics().lock_renewals.add(1, {"outcome": "failed"})


def lock_lost() -> None:
    _metrics().locks_lost.add(1)
    trace.get_current_span().add_event("lock lost")


def settlement_repeated() -> None:
    _metrics().settlement_retries.add(1)
    trace.get_current_span().add_event("settlement repeated")


def link_broke() -> None:
    _metrics().reconnects.add(1)


def polled() -> None:
    _metrics().last_poll.set(time.time())


# Steps and remote calls


@contextmanager
def step(name: str, attempt: int) -> Iterator[None]:
    """One attempt at a step, or at one part of a fan, whose name goes on after a colon.

    A number behind it says of which entry it is, and no series is kept for each entry.
    """
    of_playbook = name.partition(":")[0].rstrip("0123456789").removesuffix("-")
    attributes = {"tocsin.step": name, "tocsin.attempt": attempt}
    timed = _timed(_metrics().step_seconds, {"step": of_playbook})
    with timed, _span(of_playbook, SpanKind.INTERNAL, attributes), bound_contextvars(step=name, attempt=attempt):
        yield


@contextmanager
def remote_call(system: str, kind: str, doing: str) -> Iterator[None]:
    """One try of one call to the system of this name; `doing` is what its error's sentence would say."""
    with _remote(system, f"{system} {kind}", {"tocsin.doing": _sentence(doing)}):
        yield


def answered(method: str, host: str, status: int) -> None:
    """What came back to the call on its way, as HTTP says it; of several requests the last one stays."""
    _call.get().set_attributes(
        {"http.request.method": method, "server.address": host, "http.response.status_code": status}
    )


@contextmanager
def commit(doing: str) -> Iterator[None]:
    """One transaction of the table of incidents."""
    attributes = {"db.system.name": "azure.tables", "db.operation.name": doing}
    with _timed(_metrics().commit_seconds, {}), _span(f"tables {doing}", SpanKind.CLIENT, attributes):
        yield


@contextmanager
def errand(name: str) -> Iterator[None]:
    """What a worker does besides launches: its calls are one trace."""
    with _span(name, SpanKind.INTERNAL, {}):
        yield


def retained(deleted: Mapping[str, int]) -> None:
    """A run has ended that deleted so much of each kind."""
    for kind, count in deleted.items():
        _metrics().retention_deleted.add(count, {"kind": kind})
    _metrics().retention_last_run.set(time.time())


def shift_message(kind: str, outcome: str) -> None:
    """One person by one way; or a whole message that was dropped. `kind` is before, handover or moved."""
    _metrics().shift_messages.add(1, {"kind": kind, "outcome": outcome})


def breaker(system: str, *, is_open: bool) -> None:
    _metrics().breaker_open.set(int(is_open), {"system": system})


def event_loop_paused(lag: timedelta, *, longest: timedelta) -> None:
    """`lag` is the longest of the last second, `longest` of the last minute."""
    _metrics().event_loop_lag.record(lag.total_seconds())
    _metrics().event_loop_longest_pause.set(longest.total_seconds())


@contextmanager
def _remote(
    system: str, name: str, attributes: Mapping[str, Any], *, kind: SpanKind = SpanKind.CLIENT
) -> Iterator[None]:
    timed = _timed(_metrics().remote_call_seconds, {"system": system})
    with timed, _span(name, kind, {"tocsin.system": system, **attributes}) as span:
        token = _call.set(span)
        try:
            yield
        finally:
            _call.reset(token)


def _metrics() -> Metrics:
    return _current.get().metrics


@contextmanager
def _timed(histogram: Histogram, labels: Mapping[str, str]) -> Iterator[None]:
    started, outcome = time.monotonic(), "done"
    try:
        yield
    except asyncio.CancelledError:
        outcome = "cancelled"
        raise
    except Exception as error:
        outcome = type(error).__name__
        raise
    finally:
        histogram.record(time.monotonic() - started, {**labels, "outcome": outcome})


@contextmanager
def _span(
    name: str,
    kind: SpanKind,
    attributes: Mapping[str, Any],
    *,
    parent: Context | None = None,
    links: Sequence[Link] = (),
) -> Iterator[Span]:
    """A span that is the current one within, with its ids on every line of the log."""
    span = _current.get().tracer.start_span(name, parent, kind, attributes, links)
    ids = span.get_span_context()
    seen = {"trace_id": trace.format_trace_id(ids.trace_id), "span_id": trace.format_span_id(ids.span_id)}
    with trace.use_span(span, True, False, False), bound_contextvars(**seen):
        try:
            yield span
        except Exception as error:
            span.set_attribute("error.type", type(error).__name__)
            span.set_status(Status(StatusCode.ERROR, _sentence(str(error))))
            raise


def _sentence(text: str) -> str:
    return hide_secrets(text[:_SENTENCE_LIMIT])


def _messaging(queue: str, message_id: str, operation: str) -> dict[str, Any]:
    return {
        "messaging.system": "servicebus",
        "messaging.destination.name": queue,
        "messaging.operation.name": operation,
        "messaging.operation.type": operation,
        "messaging.message.id": message_id,
    }


def _trace_properties() -> dict[str, str]:
    carried: dict[str, str] = {}
    _W3C.inject(carried)
    return carried


def _origin(properties: Mapping[str, object]) -> Context:
    headers = {name: value for name in _TRACE_HEADERS if isinstance(value := properties.get(name), str)}
    return _W3C.extract(headers, Context())


def _links(properties: Mapping[str, object]) -> list[Link]:
    before = properties.get(RETRY_OF)
    found = _W3C.extract({"traceparent": before}, Context()) if isinstance(before, str) else Context()
    ids = trace.get_current_span(found).get_span_context()
    return [Link(ids)] if ids.is_valid else []
