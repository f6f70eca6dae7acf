"""A broker that begins again from its file."""

import sqlite3
from datetime import timedelta

import pytest

from worker.sandbox.service_bus.broker import Counts, DeadLetter, Incoming, LockLost
from worker.sandbox.service_bus.store import Store, StoreUnusable

QUEUE = "incidents"
DEAD_LETTERS = "incidents/$deadletterqueue"
HOUR = timedelta(hours=1)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "queues" / "service-bus.sqlite"


@pytest.fixture
def bench(make_bench, path):
    return make_bench(path, requires_duplicate_detection=True)


def restart(bench):
    bench.broker.flush()
    bench.restart()


def test_every_message_is_back_as_it_was(bench):
    """Active, scheduled and dead ones, with every field they had."""
    bench.send(b"\x00\xff", message_id="m-1", time_to_live=timedelta(minutes=7))
    bench.send(b"later", scheduled_for=bench.now + HOUR)
    bench.send(b"a")
    bench.broker.complete(QUEUE, bench.receive().lock_token)
    bench.broker.dead_letter(QUEUE, bench.receive().lock_token, "Rejected:assign", "Nobody has that name: José.")
    bench.send(b"b", message_id="m-2")
    before = [bench.broker.peek(entity, 0, 10) for entity in (QUEUE, DEAD_LETTERS)]
    restart(bench)
    assert [bench.broker.peek(entity, 0, 10) for entity in (QUEUE, DEAD_LETTERS)] == before
    assert bench.broker.counts(QUEUE) == Counts(active=1, dead_lettered=1, scheduled=1)


def test_a_dead_letter_without_a_word_is_still_a_dead_letter(bench):
    """Neither reason nor description is needed to be dead."""
    bench.send(b"a")
    bench.broker.dead_letter(QUEUE, bench.receive().lock_token, None, None)
    restart(bench)
    assert [letter.dead_letter for letter in bench.dead_letters()] == [DeadLetter(None, None, QUEUE)]


def test_locks_are_dropped(bench):
    """Nobody holds anything of a broker that has restarted: the message is ready, and the old token opens nothing."""
    bench.send(b"a")
    held = bench.receive()
    restart(bench)
    with pytest.raises(LockLost):
        bench.broker.complete(QUEUE, held.lock_token)
    assert bench.receive().delivery_count == 0


def test_failed_deliveries_stay_counted(bench):
    """A message cannot escape the limit by outliving the broker."""
    bench.send(b"a")
    for _ in range(2):
        bench.broker.abandon(QUEUE, bench.receive().lock_token)
        restart(bench)
    bench.broker.abandon(QUEUE, bench.receive().lock_token)
    assert [letter.dead_letter.reason for letter in bench.dead_letters()] == ["MaxDeliveryCountExceeded"]


def test_sequence_numbers_go_on(bench):
    """A number is never given twice, even when its message is long gone."""
    bench.send(b"a")
    bench.broker.complete(QUEUE, bench.receive().lock_token)
    restart(bench)
    assert bench.send(b"b") == [2]


def test_duplicates_are_still_known(bench):
    """The window does not begin again, and ends when it should."""
    bench.send(b"a", message_id="m-1")
    bench.broker.complete(QUEUE, bench.receive().lock_token)
    restart(bench)
    bench.send(b"again", message_id="m-1")
    assert bench.is_empty()
    bench.advance(bench.settings.duplicate_detection_window)
    bench.send(b"new", message_id="m-1")
    assert bench.receive().content == b"new"


def test_a_forgotten_id_is_not_remembered_again(bench, path):
    """What has left the window leaves the file too."""
    bench.send(b"a", message_id="m-1")
    bench.broker.flush()
    bench.advance(bench.settings.duplicate_detection_window)
    bench.broker.flush()
    bench.close()
    with sqlite3.connect(path) as connection:
        assert connection.execute("SELECT count(*) FROM sent_ids").fetchone() == (0,)
    connection.close()


def test_what_time_did_while_the_broker_was_down_is_done_at_once(bench):
    """Scheduled messages that came due are delivered, with their whole time to live before them."""
    bench.send(b"due", scheduled_for=bench.now + HOUR)
    bench.send(b"old", time_to_live=HOUR)
    bench.broker.flush()
    bench.now += 10 * HOUR
    bench.restart()
    receiver = bench.receiver(credit=2)
    assert receiver.contents == [b"due"]
    assert receiver.deliveries[0].expires_at == bench.now + HOUR


def test_the_longest_time_to_live_survives(make_bench, path):
    """A life that ends after the calendar, and after the largest number of the file, is still endless."""
    bench = make_bench(path, default_time_to_live=timedelta.max)
    bench.send(b"a")
    bench.send(b"b", scheduled_for=bench.now + HOUR)
    restart(bench)
    bench.advance(HOUR)
    assert [delivery.expires_at for delivery in bench.receiver(credit=2).deliveries] == [None, None]


def test_what_was_not_flushed_was_never_promised(bench):
    """A flush is the border: nothing before it is on disk."""
    bench.send(b"kept")
    bench.broker.flush()
    bench.send(b"not flushed")
    bench.restart()
    assert [message.content for message in bench.broker.peek(QUEUE, 0, 10)] == [b"kept"]


def test_a_message_of_a_queue_that_is_not_configured_waits_in_the_file(make_bench, path):
    """Taking a queue out of the configuration for a while loses nothing."""
    bench = make_bench(path)
    bench.send(b"a")
    restart(bench)
    bench.close()
    store = Store.open(path)
    assert store.load("other").messages == ()
    assert [message.content for message in store.load("INCIDENTS").messages] == [b"a"]
    store.close()


def test_a_flush_that_fails_is_tried_again(bench, path):
    """What a full or broken disk did not take is not forgotten: the next flush stores it."""
    bench.broker.flush()
    [number] = bench.send(b"a")
    bench._store._connection.execute("PRAGMA query_only = ON")
    with pytest.raises(StoreUnusable, match="could not be written"):
        bench.broker.flush()
    bench._store._connection.execute("PRAGMA query_only = OFF")
    restart(bench)
    assert bench.receive().sequence_number == number


def test_a_flush_is_one_transaction(bench):
    """When a part of it fails, no part of it is stored."""
    bench.send(b"a", message_id="m-1")
    bench._store._connection.execute(
        "CREATE TEMP TRIGGER t BEFORE INSERT ON sent_ids BEGIN SELECT RAISE(ABORT, 'no'); END"
    )
    with pytest.raises(StoreUnusable, match="no"):
        bench.broker.flush()
    bench.restart()
    assert bench.is_empty()


def test_a_file_has_one_owner(bench, path):
    """A second sandbox on the same directory is told so, instead of mixing its messages with the first one's."""
    with pytest.raises(StoreUnusable, match="If another sandbox uses it, stop that one"):
        Store.open(path)
    bench.close()
    Store.open(path).close()


def test_a_file_of_another_kind_is_refused(path):
    """It is named, and not touched."""
    path.parent.mkdir()
    path.write_bytes(b"This is no database." * 100)
    with pytest.raises(StoreUnusable, match=r"service-bus\.sqlite"):
        Store.open(path)
    assert path.read_bytes() == b"This is no database." * 100


def test_a_file_of_another_release_is_refused(bench, path):
    """Nobody guesses at a layout."""
    bench._store._connection.execute("PRAGMA user_version = 99")
    bench.close()
    with pytest.raises(StoreUnusable, match="layout 99"):
        Store.open(path)


def test_a_directory_that_cannot_be_made_is_named(tmp_path):
    """The error is a sentence, not a traceback of the operating system."""
    (tmp_path / "file").touch()
    with pytest.raises(StoreUnusable, match="could not be opened"):
        Store.open(tmp_path / "file" / "service-bus.sqlite")


def test_flushing_without_a_store_is_nothing(make_bench):
    """In memory nothing is written, and nothing piles up to be written."""
    bench = make_bench()
    bench.broker.send(QUEUE, [Incoming(b"a")])
    bench.broker.flush()
    assert not bench.broker._changes
