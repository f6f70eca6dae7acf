"""Dead letters against the queue and the table stand-ins: what is counted is what lies in the queue afterwards."""

import asyncio
import json
from datetime import UTC, datetime, timedelta

import pytest
import pytest_asyncio
from azure.servicebus import ServiceBusMessage
from azure.servicebus.amqp import AmqpAnnotatedMessage
from dead_letter_bench import LOCK, Bench, events_of, incident_of, told

from worker.dead_letters.bulk import plan
from worker.dead_letters.details import exported
from worker.dead_letters.discard import Discard
from worker.dead_letters.editing import read_edit
from worker.dead_letters.filter import Filter, matching
from worker.dead_letters.groups import grouped
from worker.dead_letters.outcome import ItemResult
from worker.dead_letters.replay import Replay
from worker.domain.alert_identity import identity
from worker.domain.errors import Unreachable
from worker.domain.event import Event
from worker.domain.grouping_rules import GroupingRules
from worker.domain.incident import Incident, generation_key, incident_id
from worker.domain.lease import Closing
from worker.domain.settlement import DeadLetter, RetryLater
from worker.domain.states import LaunchState
from worker.grouping.grouper import Grouper, Windows
from worker.messaging.decoding import Decoder
from worker.settings import Settings
from worker.storage.stores import open_stores

HOUR = timedelta(hours=1)
KEYED = {"title": "Checkout is down", "key": "checkout-7", "received_at": "2026-03-02T09:05:00Z"}


pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shared(azurite):
    settings = Settings.read(_env_file=None, tables_connection_string=azurite)
    async with Bench(settings) as bench:
        yield bench


@pytest_asyncio.fixture(loop_scope="module")
async def bench(shared):
    """Its links stay open from test to test, since opening and closing them takes most of the time."""
    await shared.begin_anew()
    return shared


async def letters(bench, wanted=None):
    return [letter async for _, letter in matching(bench.dead_letters, wanted or Filter())]


async def known(bench, key, state, **facts):
    """An incident that was launched, or failed, under this key."""
    incident = Incident(key=key, event=Event(title="The first", key=key, **facts), received_at=datetime.now(UTC))
    lease = await bench.stores.incidents.lease(incident, [])
    await bench.stores.incidents.commit(lease, [], Closing(state))
    return incident.id


async def test_looking_neither_locks_nor_moves_anything(bench):
    """What is listed and grouped is there as before, and can be received by whoever wants it."""
    numbers = await bench.bury(KEYED, KEYED | {"key": "other"}, "no event at all")
    seen = await letters(bench)
    assert [letter.sequence_number for letter in seen] == numbers
    assert [letter.incident_id for letter in seen] == [incident_id("checkout-7"), incident_id("other"), None]
    assert "not an event" in seen[2].fault
    [group] = grouped(seen)
    assert (group.cause, group.step, group.count) == ("Rejected", "create-work-item", 3)
    assert (bench.counts, bench.locked()) == ((0, 3), [])


async def test_each_is_read_once_however_it_ends(bench, monkeypatch):
    """Listing, choosing and replaying or discarding one dead letter takes one reading of its message."""
    reading, read = Decoder.events_of, []

    def count(decoder, message):
        read.append(message.sequence)
        return reading(decoder, message)

    monkeypatch.setattr(Decoder, "events_of", count)
    foreign = {"specversion": "1.0", "id": "1", "source": "/s", "type": "alert.fired", "data": {"title": "x"}}
    bodies = (KEYED, KEYED | {"key": "other"}, foreign, {"title": "no key"})
    numbers = await bench.bury(*bodies)
    assert told(await bench.replay(limit=2)) == {"done": 2}
    assert told(await bench.replay(edits=[read_edit("severity=1")], limit=1)) == {"done": 1}
    assert told(await bench.discard()) == {"done": 1}
    assert read == numbers
    assert (bench.counts, len(numbers)) == ((3, 0), len(bodies))


async def test_a_dry_run_changes_nothing(bench):
    """Without `yes`, what would be done is told, and nothing is locked, sent or recorded."""
    await bench.bury(KEYED)
    summary = await bench.replay(yes=False)
    assert (told(summary), summary.dry_run) == ({"done": 1}, True)
    assert (bench.counts, bench.locked()) == ((0, 1), [])
    assert await bench.stores.audit.read(incident_id("checkout-7")) == []


async def test_one_chosen_among_many_is_replayed_and_the_others_stay_as_they_were(bench):
    """The way to it is locked and given back: nobody has to wait for the ones that were not meant."""
    numbers = await bench.bury(*(KEYED | {"key": f"number-{number}"} for number in range(30)))
    summary = await bench.replay(Filter(sequences=frozenset({numbers[20]})))
    assert told(summary) == {"done": 1}
    assert bench.sequences() == [number for number in numbers if number != numbers[20]]
    assert bench.locked() == []
    [message] = await bench.taken()
    assert incident_of(message).key == "number-20"


async def test_a_replay_is_a_new_message_without_what_only_the_old_one_was(bench):
    """Id, reason, trace and time to live are of the old one; body, headers and the sender's properties are kept."""
    [number] = await bench.bury(
        KEYED,
        message_id="alert-17",
        correlation_id="theirs",
        subject="trigger",
        time_to_live=timedelta(minutes=9),
        application_properties={"team": "payments", "traceparent": "00-1-2-01", "Diagnostic-Id": "x"},
    )
    await bench.replay()
    [message] = await bench.taken()
    assert message.id == f"alert-17:r{number}"
    assert json.loads(message.body) == KEYED
    assert message.headers == {
        "content_type": "application/json",
        "correlation_id": "theirs",
        "subject": "trigger",
    }
    # What is being traced now may have been written by the SDK, but not the trace in which the old one failed.
    assert message.properties.get("traceparent") != "00-1-2-01"
    assert {name: value for name, value in message.properties.items() if name != "traceparent"} == {
        "team": "payments",
        "tocsin-first-enqueued": message.properties["tocsin-first-enqueued"],
        "tocsin-origin": "alert-17",
        "tocsin-replay-of": str(number),
        "tocsin-replay-of-traceparent": "00-1-2-01",
    }
    assert message.received.time_to_live != timedelta(minutes=9)


async def test_a_message_without_a_key_stays_the_same_incident(bench):
    """Through a delayed copy, the dead letters and two replays it is known by the first of its messages."""
    await bench.send({"title": "No key"}, message_id="first")
    message = await bench.slot.receive()
    first, received_at = incident_of(message).id, incident_of(message).received_at
    await bench.slot.settle(message, RetryLater(timedelta(minutes=2), "busy"))
    bench.later(timedelta(minutes=3))
    copy = await bench.slot.receive()
    assert (copy.id != "first", incident_of(copy).id) == (True, first)
    for _ in range(2):
        await bench.slot.settle(copy, DeadLetter("Rejected:announce", "No."))
        await bench.replay()
        copy = await bench.slot.receive()
        assert (incident_of(copy).id, incident_of(copy).received_at) == (first, received_at)
        assert json.loads(copy.body)["key"] == "message:first"


async def test_a_later_incident_of_a_key_is_known_as_that(bench):
    """In the list, by its id, and in a replay with other values; the first one of its key stays as it was."""
    first = await known(bench, "checkout-7", LaunchState.LAUNCHED)
    await bench.alert_store.point_identity(identity(Event(**KEYED)), "checkout-7", None, opener="somebody")
    await bench.alert_store.close(first)
    event = Event(**KEYED)
    placed = await Grouper(bench.alert_store, GroupingRules((), HOUR), Windows(HOUR, HOUR)).place(
        Incident(key="checkout-7", event=event, received_at=event.received_at)
    )
    later = Incident(key=placed.key, event=event, received_at=event.received_at)
    lease = await bench.stores.incidents.lease(later, [])
    await bench.stores.incidents.commit(lease, [], Closing(LaunchState.FAILED))
    await bench.bury(KEYED)
    [letter] = await letters(bench, Filter(incidents=frozenset({later.id})))
    assert letter.incident_id == later.id != first
    assert told(await bench.replay(edits=[read_edit("title=Corrected")])) == {"done": 1}
    assert (await bench.stores.incidents.summary(later.id)).event.title == "Corrected"
    assert (await bench.stores.incidents.summary(first)).event.title == "The first"
    [message] = await bench.taken()
    assert generation_key(incident_of(message).event) == later.key


async def test_an_alert_of_another_format_is_replayed_as_the_event_that_it_was(bench):
    """Its property still says what the old message was; the new one is read as our own event all the same."""
    event = {"specversion": "1.0", "id": "1", "source": "/s", "type": "alert.fired", "data": {"title": "x"}}
    await bench.bury(event, application_properties={"tocsin-format": "cloudevents"})
    [letter] = await letters(bench)
    await bench.replay()
    [message] = await bench.taken()
    assert json.loads(message.body)["title"] == letter.title == "x"
    assert incident_of(message).id == letter.incident_id


async def test_a_group_of_alerts_is_replayed_whole(bench):
    """A message of many events is about no single incident, and is cut into them when it comes again."""
    event = {"specversion": "1.0", "source": "/s", "type": "alert.fired", "data": {"title": "x"}}
    batch = json.dumps([event | {"id": each} for each in ("1", "2")])
    await bench.bury(batch, reason="MaxDeliveryCountExceeded")
    [letter] = await letters(bench)
    assert (letter.incident_id, "2 events" in letter.fault) == (None, True)
    assert told(await bench.replay(edits=[read_edit("title=y")])) == {"failed": 1}
    assert told(await bench.replay()) == {"done": 1}
    [message] = await bench.taken()
    assert len(events_of(message)) == 2


async def test_a_message_without_an_id_stays_the_same_incident(bench):
    """Its sequence number changes on the way to the dead letters; its incident does not."""
    await bench.expire(AmqpAnnotatedMessage(data_body=b'{"title": "x"}', header={"time_to_live": 1000}))
    [letter] = await letters(bench)
    await bench.replay()
    [message] = await bench.taken()
    assert incident_of(message).id == letter.incident_id


@pytest.mark.parametrize(
    ("body", "title"),
    [
        ({"value_body": json.dumps({"title": "as text"})}, "as text"),
        ({"value_body": {"title": "as a map"}}, "as a map"),
        ({"sequence_body": [["not", "an", "event"]]}, None),
        ({"data_body": b"\xff\xfe"}, None),
    ],
    ids=["text", "map", "sequence", "binary"],
)
async def test_messages_of_foreign_senders_are_shown_and_replayed(bench, body, title):
    """Whatever kind its body is of: an event is replayed as one, all else only by force and as it was."""
    await bench.expire(AmqpAnnotatedMessage(**body, header={"time_to_live": 1000}))
    [letter] = await letters(bench)
    assert (letter.title, letter.reason) == (title, "TTLExpiredException")
    shown = [exported(message) async for message, _ in matching(bench.dead_letters, Filter())]
    assert shown[0].model_dump_json()
    assert told(await bench.replay()) == ({"done": 1} if title else {"skipped": 1})
    assert told(await bench.replay(force=True)) == ({} if title else {"done": 1})
    assert bench.counts == (1, 0)


async def test_what_is_no_event_is_replayed_once_it_is_mended(bench):
    """An edit that makes it an event sends it; one that does not leaves it where it is, with the reason."""
    await bench.bury({"caption": "no title"}, "{", reason="Undecodable")
    assert told(await bench.replay()) == {"skipped": 2}
    summary = await bench.replay(edits=[read_edit("severity=1")])
    assert told(summary) == {"failed": 2}
    summary = await bench.replay(edits=[read_edit("title=Mended")])
    assert told(summary) == {"done": 1, "failed": 1}
    [message] = await bench.taken()
    assert incident_of(message).event.title == "Mended"
    assert "no JSON object" in summary.outcomes[1].sentence


async def test_a_launched_incident_is_only_replayed_by_force(bench):
    """A replay would do nothing: it is left where it is and said why."""
    await known(bench, "checkout-7", LaunchState.LAUNCHED)
    await bench.bury(KEYED)
    summary = await bench.replay()
    assert (told(summary), bench.counts) == ({"skipped": 1}, (0, 1))
    assert "Already launched" in summary.outcomes[0].sentence
    assert (told(await bench.replay(force=True)), bench.counts) == ({"done": 1}, (1, 0))


async def test_an_edit_reaches_an_incident_that_was_worked_on(bench):
    """What the first attempt stored is what later ones launch: the edit is there, and who made it."""
    incident = await known(bench, "checkout-7", LaunchState.FAILED, description="long " * 5_000)
    [number] = await bench.bury(KEYED)
    edits = [read_edit("title=Mended"), read_edit("labels.region=eu"), read_edit("severity=1")]
    assert told(await bench.replay(edits=edits)) == {"done": 1}
    [message] = await bench.taken()
    lease = await bench.stores.incidents.lease(incident_of(message), [])
    event = lease.incident.event
    assert (lease.incident.id, event.title, event.severity, event.labels) == (incident, "Mended", 1, {"region": "eu"})
    [record] = await bench.stores.audit.read(incident)
    assert (record.action, record.who) == ("replay", "ops@test")
    assert record.details["edits"] == {"title": "Mended", "labels.region": "eu", "severity": "1"}
    assert record.details["sequence_number"] == number


async def test_an_incident_that_is_being_launched_is_not_edited(bench):
    """Its worker has read the event already; the dead letter stays, and the next one is done."""
    await bench.stores.incidents.lease(
        Incident(key="checkout-7", event=Event(title="x"), received_at=datetime.now(UTC)), []
    )
    await bench.bury(KEYED, KEYED | {"key": "other"})
    summary = await bench.replay(edits=[read_edit("title=Mended")])
    assert (told(summary), bench.counts) == ({"done": 1, "failed": 1}, (1, 1))
    assert "is launching" in summary.outcomes[0].sentence


async def test_the_key_of_an_incident_that_was_worked_on_is_not_edited(bench):
    """Under another key, everything that is done would be done again; of a message never seen, it may be set."""
    await known(bench, "checkout-7", LaunchState.FAILED)
    await bench.bury(KEYED, KEYED | {"key": "never-seen"})
    summary = await bench.replay(edits=[read_edit("key=new")])
    assert (told(summary), bench.counts) == ({"done": 1, "failed": 1}, (1, 1))
    [message] = await bench.taken()
    assert incident_of(message).key == "new"


class Killed(BaseException):
    pass


class DiesAfterSending(Replay):
    """A process that is killed between the acknowledgement and the taking out."""

    async def _send(self, message, made):
        await super()._send(message, made)
        raise Killed


class DiesBeforeSending(Replay):
    async def _send(self, message, made):
        raise Killed


@pytest.mark.parametrize(("operation", "sent"), [(DiesBeforeSending, 0), (DiesAfterSending, 1)])
async def test_a_run_that_was_killed_is_run_again_and_nothing_is_lost_or_doubled(bench, operation, sent):
    """Within the time that the queue remembers ids, the second sending of the same message is dropped."""
    await bench.bury(*(KEYED | {"key": f"number-{number}"} for number in range(5)))
    with pytest.raises(Killed):
        await bench.replay(operation=operation)
    assert bench.counts == (sent, 5)
    assert told(await bench.replay()) == {"done": 5}
    assert bench.counts == (5, 0)
    assert len({incident_of(message).key for message in await bench.taken()}) == 5


async def test_without_duplicate_detection_the_second_sending_is_of_the_same_incident(settings):
    """Such a queue has the message twice; both are of one incident, which is launched once."""
    async with Bench(settings, duplicate_detection=False) as bench:
        await bench.bury(KEYED)
        with pytest.raises(Killed):
            await bench.replay(operation=DiesAfterSending)
        await bench.replay()
        assert bench.counts == (2, 0)
        assert {incident_of(message).id for message in await bench.taken()} == {incident_id("checkout-7")}


async def test_an_edit_after_an_interrupted_one_is_warned_of(bench):
    """The queue would drop the message with the second values; whoever replays is told that there were others."""
    await bench.bury(KEYED)
    with pytest.raises(Killed):
        await bench.replay(operation=DiesAfterSending, edits=[read_edit("severity=1")])
    summary = await bench.replay(edits=[read_edit("severity=2")])
    assert told(summary) == {"done": 1}
    assert "with other values" in summary.outcomes[0].sentence


async def test_what_somebody_else_took_out_is_gone(bench):
    """Between looking and acting another one was there: it is counted, and not waited for."""
    numbers = await bench.bury(KEYED, KEYED | {"key": "other"})
    replay = Replay(bench.queue.sender, bench.stores, who="ops@test")
    planned = await plan(bench.dead_letters, replay, Filter(), None)
    await bench.discard(Filter(sequences=frozenset({numbers[0]})))
    summary = await bench.carry_out(replay, planned)
    assert (told(summary), bench.counts) == ({"done": 1, "gone": 1}, (1, 0))


async def test_what_somebody_else_has_locked_is_waited_for(bench):
    """As after a run that was killed: once its locks have ended, everything is done."""
    await bench.bury(*(KEYED | {"key": f"number-{number}"} for number in range(5)))
    other = bench.queue.dead_letters("other")
    while len(bench.locked()) < 3:
        await other.receive_many(3 - len(bench.locked()))
    running = asyncio.create_task(bench.replay())
    while not bench.said:
        await asyncio.sleep(0.05)
    bench.later(LOCK)
    assert (told(await running), bench.counts) == ({"done": 5}, (5, 0))
    assert "Waiting for 3" in bench.said[0]
    await other.close()


async def test_what_stays_locked_for_longer_than_any_lock_fails(bench):
    """Nobody waits for ever; what is left is said, and is there for the next run."""
    await bench.bury(KEYED)
    other = bench.queue.dead_letters("other")
    while not bench.locked():
        await other.receive_many(1)
    summary = await bench.replay(patience=timedelta())
    assert (told(summary), bench.counts) == ({"failed": 1}, (0, 1))
    assert "locked" in summary.outcomes[0].sentence
    await other.close()


async def test_a_lock_that_ended_while_it_was_sent_does_not_send_it_twice(bench):
    """The dead letter comes again, and is only taken out."""
    sent = []

    class Slow(Replay):
        async def _send(self, message, made):
            await super()._send(message, made)
            sent.append(message.sequence)
            bench.later(LOCK + timedelta(seconds=1))

    [number] = await bench.bury(KEYED)
    summary = await bench.replay(operation=Slow)
    assert (told(summary), sent, bench.counts) == ({"done": 1}, [number], (1, 0))


async def test_a_run_that_is_stopped_says_what_is_left_and_gives_it_back(bench):
    """The one in hand is finished; the counts add up, and the next run need not wait."""
    numbers = await bench.bury(*(KEYED | {"key": f"number-{number}"} for number in range(5)))
    stopping = asyncio.Event()
    done = []

    def report(outcome):
        done.append(outcome)
        if len(done) == 2:
            stopping.set()

    summary = await bench.replay(stopping=stopping, report=report)
    assert (told(summary), bench.counts) == ({"done": 2, "left": 3}, (2, 3))
    assert (bench.sequences(), bench.locked()) == (numbers[2:], [])


async def test_a_run_that_is_stopped_says_of_each_what_became_of_it(bench):
    """One was acted upon and its lock was lost; the other one's turn never came."""
    stopping = asyncio.Event()

    class Slow(Replay):
        async def _send(self, message, made):
            await super()._send(message, made)
            bench.later(LOCK + timedelta(seconds=1))
            stopping.set()

    await bench.bury(KEYED, KEYED | {"key": "another"})
    summary = await bench.replay(operation=Slow, stopping=stopping)
    assert [(outcome.result, outcome.sentence.partition(",")[0]) for outcome in summary.outcomes] == [
        (ItemResult.FAILED, "It was acted upon"),
        (ItemResult.LEFT, "Its turn did not come: the run was stopped."),
    ]


async def test_a_queue_that_takes_nothing_ends_the_run(bench):
    """The one in hand has failed with what came back, the others are untouched."""

    class NoSender(Replay):
        async def _send(self, message, made):
            if message.sequence != numbers[0]:
                raise Unreachable("The queue did not answer.", retry_after=timedelta(milliseconds=1))
            await super()._send(message, made)

    numbers = await bench.bury(*(KEYED | {"key": f"number-{number}"} for number in range(5)))
    summary = await bench.replay(operation=NoSender)
    assert [outcome.result for outcome in summary.outcomes] == [
        ItemResult.DONE,
        ItemResult.FAILED,
        ItemResult.LEFT,
        ItemResult.LEFT,
        ItemResult.LEFT,
    ]
    assert (bench.counts, bench.locked()) == ((1, 4), [])
    assert not summary.is_whole


async def test_with_a_rate_slower_than_the_locks_nothing_is_lost(settings):
    """What waits for its turn is renewed, or locked again when its lock has ended."""
    async with Bench(settings, lock=timedelta(seconds=1)) as bench:
        await bench.bury(*(KEYED | {"key": f"number-{number}"} for number in range(6)))
        summary = await bench.replay(rate=4)
        assert (told(summary), bench.counts) == ({"done": 6}, (6, 0))


async def test_the_oldest_are_done_first_and_no_more_than_the_limit(bench):
    """Order is the order in which they were dead-lettered."""
    numbers = await bench.bury(*(KEYED | {"key": f"number-{number}"} for number in range(4)))
    assert told(await bench.replay(limit=2)) == {"done": 2}
    assert bench.sequences() == numbers[2:]


@pytest.mark.timeout(900)  # a busy machine takes minutes for so many
async def test_some_of_two_thousand_are_replayed_in_one_run(bench):
    """Thousands that no worker ever saw: those that were meant are sent, each once, and the others stay free."""
    bodies = [json.dumps(KEYED | {"key": f"number-{number}"}) for number in range(2_000)]
    numbers = await bench.expire(
        *(
            ServiceBusMessage(body, message_id=f"m{number}", time_to_live=timedelta(seconds=30))
            for number, body in enumerate(bodies)
        )
    )
    assert bench.counts == (0, 2_000)
    summary = await bench.replay(Filter(sequences=frozenset(numbers[9::10])))
    assert (told(summary), bench.counts) == ({"done": 200}, (200, 1_800))
    assert bench.locked() == []
    assert {incident_of(message).key for message in await bench.taken()} == {f"number-{n}" for n in range(9, 2_000, 10)}


async def test_a_discarded_one_is_recorded_whole(bench):
    """Who, when, why and what it was: from the record it can be sent again."""
    await bench.bury(KEYED)
    await bench.bury(b"\xff\xfe", reason="Undecodable")
    assert told(await bench.discard()) == {"done": 2}
    assert bench.counts == (0, 0)
    [record] = await bench.stores.audit.read(incident_id("checkout-7"))
    assert (record.action, record.who, record.details["because"]) == ("discard", "ops@test", "a test alert")
    assert json.loads(record.details["body"]) == KEYED
    [foreign] = await bench.stores.audit.read(None)
    assert foreign.details["body_base64"] == "//4="


async def test_what_is_discarded_unlaunched_takes_no_more_alerts(bench):
    """What would have joined it opens another; a reminder of a launched one changes nothing of that."""
    await bench.bury(KEYED)
    await bench.discard()
    assert (await bench.alert_store.state(incident_id("checkout-7"))).closed
    launched = Incident(key="other", event=Event(title="Down", key="other"), received_at=datetime.now(UTC))
    lease = await bench.stores.incidents.lease(launched, [])
    await bench.stores.incidents.commit(lease, [], Closing(LaunchState.LAUNCHED))
    await bench.bury({"type": "summary-due", "title": "Publish", "key": "other"})
    await bench.discard()
    assert await bench.alert_store.state(launched.id) is None


async def test_a_large_message_is_discarded_with_its_body(bench):
    """As large as the queue takes them, and of any script."""
    body = json.dumps(KEYED | {"raw": "\u9418" * 80_000}, ensure_ascii=False)
    await bench.bury(body)
    assert told(await bench.discard()) == {"done": 1}
    [record] = await bench.stores.audit.read(incident_id("checkout-7"))
    assert record.details["body"] == body


async def test_without_a_record_nothing_is_done(bench, settings):
    """A table that is not there ends the run: whoever cannot write down what he does, does nothing."""
    nowhere = settings.model_copy(update={"tables_incidents": "nowhere"})
    await bench.bury(KEYED, KEYED | {"key": "other"})
    async with open_stores(nowhere, owner="test") as store:
        operation = Discard(store, bench.alert_store, who="ops@test", because="a test alert")
        summary = await bench.perform(operation)
    assert (told(summary), bench.counts) == ({"failed": 1, "left": 1}, (0, 2))
