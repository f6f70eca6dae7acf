"""A launch is one trace, its numbers have few labels, and telling of it costs nothing that matters."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry import trace
from opentelemetry.trace import SpanKind, StatusCode

from worker.domain.errors import Throttled
from worker.domain.settlement import Complete, DeadLetter, RetryLater
from worker.observability import telemetry
from worker.observability.metrics import TABLE
from worker.observability.telemetry import RETRY_OF, ReceivedMessage

SENDERS = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def received(properties=None, **others):
    known = {"queue": "incidents", "message_id": "m-1", "enqueued_at": datetime.now(UTC), "deliveries": 1}
    return ReceivedMessage(**known | others, properties=properties or {})


def on_the_line():
    return dict(structlog.contextvars.get_contextvars())


def ids(span):
    return span.context.trace_id, span.parent.span_id if span.parent else None, span.context.span_id


# One trace


def test_a_launch_is_one_trace_across_processes(seen):
    """From the sender's own span over the intake, the queue, the worker and its step to the call of Boards."""
    with telemetry.request("POST", {"traceparent": SENDERS}) as answer:
        with telemetry.sending("incidents", "m-1", incident="inc-1") as carried:
            pass
        answer.route, answer.status = "/v1/incidents", 202
    with telemetry.handling(received(carried)):
        telemetry.launching("inc-1")
        telemetry.attempted(1)
        with telemetry.commit("lease"):
            pass
        with telemetry.step("create-work-item", 1), telemetry.remote_call("boards", "create", "create a work item"):
            pass
    names = ["POST /v1/incidents", "send incidents", "process incidents", "create-work-item", "boards create"]
    chain = [seen.span(name) for name in names]
    assert {span.context.trace_id for span in seen.spans} == {int(SENDERS.split("-")[1], 16)}
    assert chain[0].parent.span_id == int(SENDERS.split("-")[2], 16)
    assert [span.parent.span_id for span in chain[1:]] == [span.context.span_id for span in chain[:-1]]
    assert seen.span("tables lease").parent.span_id == seen.span("process incidents").context.span_id


def test_spans_say_what_the_conventions_ask_for(seen):
    """Kinds and attributes are those that every tool for traces knows."""
    with telemetry.request("POST", {}) as answer:
        with telemetry.sending("incidents", "m-1", incident="inc-1"):
            pass
        answer.route, answer.status = "/v1/incidents", 202
    with telemetry.handling(received(deliveries=2)):
        telemetry.launching("inc-1")
        telemetry.attempted(3)
        telemetry.settled(Complete(), confirmed=True)
    intake, send, process = (seen.span(name) for name in ("POST /v1/incidents", "send incidents", "process incidents"))
    assert [span.kind for span in (intake, send, process)] == [SpanKind.SERVER, SpanKind.PRODUCER, SpanKind.CONSUMER]
    assert intake.attributes["http.request.method"] == "POST"
    assert intake.attributes["http.route"] == "/v1/incidents"
    assert intake.attributes["http.response.status_code"] == 202
    for span in (send, process):
        assert span.attributes["messaging.system"] == "servicebus"
        assert span.attributes["messaging.destination.name"] == "incidents"
        assert span.attributes["messaging.message.id"] == "m-1"
        assert span.attributes["messaging.message.conversation_id"] == "inc-1"
        assert span.attributes["messaging.operation.type"] == span.name.split()[0]
    assert process.attributes["messaging.servicebus.message.delivery_count"] == 2
    assert process.attributes["tocsin.incident.id"] == "inc-1"
    assert process.attributes["tocsin.attempt"] == 3
    assert process.attributes["tocsin.settlement"] == "complete"


def test_a_copy_for_later_keeps_its_trace_and_links_to_the_attempt_before(seen):
    """The trace goes on with the original's parent; the link leads to the attempt that put it off."""
    with telemetry.sending("incidents", "m-1", incident="inc-1") as carried:
        pass
    with telemetry.handling(received(carried)):
        copied = carried | telemetry.retry_properties()
    with telemetry.handling(received(copied, message_id="m-1:a1")):
        pass
    first, second = [span for span in seen.spans if span.name == "process incidents"]
    assert ids(first)[:2] == ids(second)[:2]
    assert first.links == ()
    assert [link.context.span_id for link in second.links] == [first.context.span_id]


@given(st.one_of(st.text(), st.integers(), st.none(), st.lists(st.text()), st.binary(), st.just("00-" + "0" * 900)))
def test_a_hostile_trace_is_no_trace(hostile):
    """Whatever a message carries in the place of a trace, it is handled, in a trace of its own."""
    with telemetry.handling(received({"traceparent": hostile, "tracestate": hostile, RETRY_OF: hostile})):
        assert int(on_the_line()["trace_id"], 16) > 0


def test_a_failure_is_told_by_kind_and_sentence_without_its_secrets(seen):
    """The span of a call that failed has its error's name and sentence; what looks like a key is hidden in it."""
    with pytest.raises(Throttled), telemetry.remote_call("graph", "write", "sign with token=SECRET"):
        raise Throttled("Graph refused AccountKey=SECRET. " + "x" * 5_000)
    span = seen.span("graph write")
    assert span.attributes["error.type"] == "Throttled"
    assert span.status.status_code is StatusCode.ERROR
    assert span.status.description.startswith("Graph refused AccountKey=***")
    assert len(span.status.description) < 400
    assert "SECRET" not in span.to_json()
    assert span.events == ()


def test_a_call_has_its_answer_on_its_span(seen):
    """Also where an SDK has put a span of its own in between, and never on the span of the step around it."""
    nobodys = trace.NonRecordingSpan(trace.INVALID_SPAN_CONTEXT)
    with telemetry.step("announce", 1), telemetry.remote_call("graph", "write", "post"), trace.use_span(nobodys):
        telemetry.answered("POST", "graph.microsoft.com", 201)
    assert seen.span("graph write").attributes["http.response.status_code"] == 201
    assert seen.span("graph write").attributes["server.address"] == "graph.microsoft.com"
    assert "http.response.status_code" not in seen.span("announce").attributes


@pytest.mark.parametrize(
    ("status", "expected"), [(202, StatusCode.UNSET), (422, StatusCode.UNSET), (503, StatusCode.ERROR)]
)
def test_a_request_fails_when_it_is_our_fault(seen, status, expected):
    """A sender's own fault is no error of the intake; a queue that cannot be reached is."""
    with telemetry.request("POST", {}) as answer:
        answer.route, answer.status = "/v1/incidents", status
    assert seen.span("POST /v1/incidents").status.status_code is expected


def test_an_errand_is_a_trace_of_its_own(seen):
    """The calls of a sweep belong together, and to no launch."""
    with telemetry.errand("sweep"), telemetry.remote_call("boards", "ask", "find the work item"):
        pass
    assert seen.span("boards ask").parent.span_id == seen.span("sweep").context.span_id
    assert seen.span("sweep").parent is None


# The log


def test_every_line_within_says_where_it_belongs(seen):
    """Incident, attempt, step and the ids of the span are on each line within, and gone after it."""
    with telemetry.handling(received()):
        telemetry.launching("inc-1")
        telemetry.attempted(2)
        outside = on_the_line()
        with telemetry.step("assign:bruno", 1):
            inside = on_the_line()
        assert on_the_line() == outside
    assert on_the_line() == {}
    span = seen.span("assign")
    assert inside == {
        "incident": "inc-1",
        "attempt": 1,
        "step": "assign:bruno",
        "trace_id": f"{span.context.trace_id:032x}",
        "span_id": f"{span.context.span_id:016x}",
    }
    assert (outside["attempt"], outside["trace_id"]) == (2, inside["trace_id"])


def test_without_a_collector_lines_of_one_launch_are_found_together():
    """With nothing configured the ids are there all the same, from the intake to the last step."""
    with telemetry.request("POST", {"traceparent": SENDERS}):
        accepted = on_the_line()
        with telemetry.sending("incidents", "m-1", incident="inc-1") as carried:
            pass
    with telemetry.handling(received(carried)), telemetry.step("announce", 1):
        done = on_the_line()
    assert accepted["trace_id"] == done["trace_id"] == SENDERS.split("-")[1]
    assert accepted["span_id"] != done["span_id"]
    assert carried["traceparent"].endswith("-01")


def test_two_launches_are_two_traces():
    """Without a sender's trace each message has one of its own."""
    found = set()
    for _ in range(2):
        with telemetry.handling(received()):
            found.add(on_the_line()["trace_id"])
    assert len(found) == 2


async def test_launches_at_the_same_time_do_not_mix(seen):
    """Tasks that run side by side each see their own incident, step and span."""

    async def launch(number):
        with telemetry.handling(received(message_id=f"m-{number}")):
            telemetry.launching(f"inc-{number}")
            await asyncio.sleep(0)
            with telemetry.step(f"step-{number}th", number):
                await asyncio.sleep(0)
                return number, on_the_line()

    for number, line in await asyncio.gather(*(launch(number) for number in range(20))):
        assert (line["incident"], line["step"]) == (f"inc-{number}", f"step-{number}th")
        assert line["span_id"] == f"{seen.span(f'step-{number}th').context.span_id:016x}"


# Numbers


@pytest.mark.parametrize(
    ("settlement", "confirmed", "word"),
    [
        (Complete(), True, "complete"),
        (RetryLater(timedelta(minutes=2), "x"), True, "retry_later"),
        (RetryLater(timedelta(), "x"), True, "abandon"),
        (DeadLetter("Rejected:announce", "x"), True, "dead_letter"),
        (DeadLetter("Rejected:announce", "x"), False, "unsettled"),
    ],
)
def test_messages_are_counted_by_what_was_done_with_them(seen, settlement, confirmed, word):
    """One message, one word; what the queue did not confirm is no dead letter yet."""
    telemetry.settled(settlement, confirmed=confirmed)
    assert seen.numbers["tocsin_messages_total", f"settlement={word}"] == 1
    dead = ("tocsin_dead_letters_total", "reason=Rejected:announce") in seen.numbers
    assert dead == (word == "dead_letter")


def test_a_message_in_hand_is_counted_until_it_is_settled(seen):
    """However it ends, it is not in hand any more."""

    def handle():
        with telemetry.handling(received()):
            assert seen.numbers["tocsin_messages_in_flight",] == 1
            raise ValueError("a fault of ours")

    with pytest.raises(ValueError, match="ours"):
        handle()
    assert seen.numbers["tocsin_messages_in_flight",] == 0


@pytest.mark.parametrize(
    ("error", "outcome"), [(None, "done"), (Throttled("x"), "Throttled"), (asyncio.CancelledError(), "cancelled")]
)
def test_steps_are_timed_by_how_they_ended(seen, error, outcome):
    """Done, the kind of error, or cancelled; never its sentence."""
    try:
        with telemetry.step("announce", 1):
            if error:
                raise error
    except (Throttled, asyncio.CancelledError):
        pass
    assert seen.numbers["tocsin_step_seconds_count", f"outcome={outcome}", "step=announce"] == 1


def test_labels_hold_no_person_and_no_address(seen):
    """A part of a fan counts for its step, an entry's number and an unknown path for nothing, a method for others."""
    for name in ("assign:bruno@contoso.example", "say-17:0", "say-4"):
        with telemetry.step(name, 1):
            pass
    with telemetry.request("BREW", {}) as answer:
        answer.status = 404
    numbers = seen.numbers
    assert numbers["tocsin_step_seconds_count", "outcome=done", "step=assign"] == 1
    assert numbers["tocsin_step_seconds_count", "outcome=done", "step=say"] == 2
    assert numbers["tocsin_http_request_seconds_count", "method=_OTHER", "route=", "status=404"] == 1
    assert not [number for number in numbers if "bruno" in str(number)]


def test_recorded_labels_are_the_promised_ones(seen):
    """Everything that can be told is told under the labels of the table."""
    with telemetry.request("POST", {}), telemetry.sending("incidents", "m-1", incident=""):
        pass
    with telemetry.handling(received()), telemetry.step("announce", 1), telemetry.commit("lease"):
        telemetry.settled(DeadLetter("Undecodable", "x"), confirmed=True)
    telemetry.launched(timedelta(seconds=1))
    telemetry.told(timedelta(seconds=1))
    telemetry.nobody_told()
    telemetry.escalation_came_to("acknowledged")
    telemetry.escalation_fired(late=timedelta(seconds=1))
    telemetry.acknowledged(timedelta(minutes=3))
    telemetry.mitigated(timedelta(minutes=30))
    telemetry.resolved(timedelta(hours=1))
    telemetry.updates_came(kept=2, broken=1)
    telemetry.level_told("1", 2)
    telemetry.launch_put_off()
    telemetry.flooded()
    telemetry.alert_placed("joined")
    telemetry.alerts_left_out("count", 1)
    telemetry.roster_read(unreadable=1)
    for tell in (telemetry.lock_renewed, telemetry.lock_renewal_failed, telemetry.lock_lost):
        tell()
    for tell in (telemetry.settlement_repeated, telemetry.link_broke, telemetry.polled):
        tell()
    telemetry.breaker("boards", is_open=True)
    telemetry.event_loop_paused(timedelta(milliseconds=3), longest=timedelta(milliseconds=4))
    telemetry.retained({"incidents": 1})
    telemetry.channels_counted(fullest=900)
    telemetry.shift_message("before", "told")
    telemetry.spool(events=1, size=300, oldest=1.0)
    telemetry.spool_disk(free=1_000_000, set_aside=0)
    told = {}
    for name, *labels in seen.numbers:
        plain = name.removesuffix("_bucket").removesuffix("_count").removesuffix("_sum")
        told[plain] = {label.partition("=")[0] for label in labels} - {"le"} | told.get(plain, set())
    assert told == {metric.name: set(metric.labels) for metric in TABLE}


def test_negative_ages_are_none(seen):
    """A sender whose clock is ahead does not make an age below zero."""
    with telemetry.handling(received(enqueued_at=datetime.now(UTC) + timedelta(minutes=5))):
        telemetry.launched(timedelta(seconds=-3))
    assert seen.numbers["tocsin_queue_age_seconds_sum",] == 0
    assert seen.numbers["tocsin_launch_seconds_sum",] == 0
