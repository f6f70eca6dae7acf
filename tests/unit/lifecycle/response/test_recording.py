"""Acts and timers as they are recorded: by what stands when it is written, once by id, and never by an old timer."""

import asyncio
from datetime import timedelta

import pytest
from bare_response import nobody
from delivery_bench import NOW, DeliveryBench, act, due, incident

from worker.domain.errors import Held, Unreachable
from worker.domain.response.response import fold
from worker.domain.response.timer import TimerKind
from worker.lifecycle.response import recording
from worker.lifecycle.response.deciding import opened
from worker.storage.response_store import MovedOn

K = incident("k")
# Each leaves the response waiting for something.
PROMISE = act("update", "u-1", text="We look.", next_in_minutes=30)
PROMISED = NOW + timedelta(minutes=30)


@pytest.fixture
async def bench():
    bench = DeliveryBench()
    await bench.launched("k")
    return bench


async def awaited(bench):
    return (await bench.stands("k")).timers[TimerKind.UPDATE]


async def promise(bench):
    """A promised update; its timer."""
    await bench.recorder.record(K, PROMISE, NOW)
    timer = await awaited(bench)
    bench.sent.clear()
    return timer


async def test_an_act_that_came_before_is_what_it_came_to_then(bench):
    """The same outcome and the same entries, whatever happened since; what is awaited no more is not sent again."""
    first = await bench.recorder.record(K, PROMISE, NOW)
    sent = {message_id for *_, message_id, _ in bench.sent}
    await bench.recorder.record(K, act("resolve", "r-1"), NOW)
    again = await bench.recorder.record(K, PROMISE, NOW + timedelta(hours=1))
    assert (again.outcome, again.entries) == (first.outcome, first.entries)
    assert (await bench.kinds("k")).count("update") == 1
    assert sent
    assert "update" not in [each[1].kind.value for each in bench.sent[len(sent) :]]


async def test_whoever_died_before_its_timers_were_sent_is_made_up_for(bench):
    """The act is recorded, and its second message sends what is still awaited."""
    bench.away = Unreachable("The queue does not answer.")
    with pytest.raises(Unreachable):
        await bench.recorder.record(K, PROMISE, NOW)
    bench.away = None
    await bench.recorder.record(K, PROMISE, NOW)
    assert await bench.kinds("k") == ["update"]
    [(_, sent, _, at)] = [each for each in bench.sent if each[1].kind is TimerKind.UPDATE]
    timer = await awaited(bench)
    assert (sent.epoch, sent.due_at, at) == (timer.epoch, timer.due_at, timer.due_at)


async def test_of_many_at_once_each_is_decided_by_what_the_one_before_left(monkeypatch):
    """One has it, the others learn who; nobody's entry is lost, and they are numbered one by one."""
    monkeypatch.setattr(recording, "_PAUSE_SECONDS", 0)

    async def through(kind, name, happen):
        del kind, name
        await asyncio.sleep(0)
        return happen()

    bench = DeliveryBench(through)
    known = await bench.launched("k")
    acts = [act("acknowledge", f"a-{number}") for number in range(8)]
    acts += [act("note", f"n-{number}", text="Seen.") for number in range(16)]
    recorded = await asyncio.gather(*(bench.recorder.record(known, each, NOW) for each in acts))
    assert [each.outcome.verdict for each in recorded[:8]].count("done") == 1
    assert {each.outcome.verdict for each in recorded[8:]} == {"done"}
    entries = await bench.entries("k")
    assert [entry.seq for entry in entries] == list(range(1, len(entries) + 1))
    assert sorted(entry.act_id for entry in entries if entry.kind == "note") == sorted(f"n-{n}" for n in range(16))
    assert fold(opened(known, NOW, 60.0), entries) == await bench.stands("k")


async def test_where_too_many_act_it_is_left_to_the_next_attempt(bench, monkeypatch):
    """It is recorded nowhere, and said to be for now."""
    monkeypatch.setattr(recording, "_PAUSE_SECONDS", 0)

    async def append(*_):
        raise MovedOn("Somebody else was first.")

    monkeypatch.setattr(type(bench.stores.responses), "append", append)
    with pytest.raises(Held, match="Many act"):
        await bench.recorder.record(K, PROMISE, NOW)
    assert bench.sent == []


async def test_nobody_waits_for_who_the_people_are_but_a_timer():
    """An act is recorded without them; a timer may have to tell somebody, and comes again."""

    async def circumstances(incident, now, *, needed, other=None):
        if needed:
            raise Unreachable("The roster cannot be read.")
        return await nobody(incident, now, needed=False, other=other)

    bench = DeliveryBench(circumstances=circumstances)
    await bench.launched("k")
    timer = await promise(bench)
    with pytest.raises(Unreachable):
        await bench.recorder.fire(K, due("update", timer.epoch, timer.due_at), timer.due_at)
    assert await bench.kinds("k") == ["update"]
    assert await awaited(bench) == timer


async def test_a_timer_that_comes_on_time_fires_once(bench):
    """Its second message records nothing, and sends what the first one set."""
    timer = await promise(bench)
    came = due("update", timer.epoch, timer.due_at)
    fired = await bench.recorder.fire(K, came, timer.due_at)
    assert [entry.kind for entry in fired.entries] == ["reminder"]
    after, sent = await bench.stands("k"), list(bench.sent)
    again = await bench.recorder.fire(K, came, timer.due_at)
    assert again.entries == ()
    assert await bench.stands("k") == after
    assert [each[1:] for each in bench.sent[len(sent) :]] == [each[1:] for each in sent]


async def test_a_timer_that_comes_too_early_is_sent_again_for_its_time(bench):
    """Under another id: the broker would drop one that it knows."""
    timer = await promise(bench)
    came = due("update", timer.epoch, timer.due_at)
    await bench.recorder.timers.send(K.key, K.id, came)
    fired = await bench.recorder.fire(K, came, timer.due_at - timedelta(seconds=1))
    assert fired.entries == ()
    [first, second] = bench.sent
    assert first[1] == second[1] == came
    assert second[3] == timer.due_at
    assert first[2] != second[2]


@pytest.mark.parametrize("by", [-1, 1, 100])
async def test_a_timer_of_another_epoch_is_nothing(bench, by):
    """Overtaken by what somebody did, or of no state at all; what is awaited is sent in its place."""
    timer = await promise(bench)
    fired = await bench.recorder.fire(K, due("update", max(timer.epoch + by, 0), timer.due_at), PROMISED)
    assert fired.entries == ()
    assert await bench.kinds("k") == ["update"]
    assert due("update", timer.epoch, timer.due_at) in [each[1] for each in bench.sent]


async def test_a_timer_that_was_taken_back_is_nothing(bench):
    """Resolved meanwhile: nobody is reminded of what nobody waits for."""
    timer = await promise(bench)
    await bench.recorder.record(K, act("resolve", "r-1"), NOW)
    before = await bench.kinds("k")
    await bench.recorder.fire(K, due("update", timer.epoch, timer.due_at), PROMISED)
    assert await bench.kinds("k") == before


@pytest.mark.parametrize("late", [timedelta(hours=1), timedelta(days=1), timedelta(days=30)])
async def test_a_timer_that_comes_late_by_many_of_its_kind_counts_once(bench, late):
    """A worker that was away reminds once, however long it was away; what comes next is counted from now."""
    timer = await promise(bench)
    now = timer.due_at + late
    fired = await bench.recorder.fire(K, due("update", timer.epoch, timer.due_at), now)
    assert len([entry for entry in fired.entries if entry.says]) == 1
    later = await awaited(bench)
    assert later.due_at is None or later.due_at > now


async def test_no_timer_is_lost_where_it_fires_and_the_queue_is_away(bench):
    """It is recorded, and the message that comes again sends what follows."""
    timer = await promise(bench)
    came = due("update", timer.epoch, timer.due_at)
    bench.away = Unreachable("The queue does not answer.")
    with pytest.raises(Unreachable):
        await bench.recorder.fire(K, came, timer.due_at)
    bench.away = None
    await bench.recorder.fire(K, came, timer.due_at)
    assert await bench.kinds("k") == ["update", "reminder"]
    awaited_now = {(kind, each.epoch) for kind, each in (await bench.stands("k")).timers.items() if each.due_at}
    assert {(sent.kind, sent.epoch) for _, sent, *_ in bench.sent} == awaited_now
