"""Each person hears of each shift once, whatever becomes of the workers, and of none that is over by then."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shift_bench import LATER, MONDAY, WEEK, Life, ShiftBench, definitions
from structlog.testing import capture_logs

from handlers.marks import SHIFT, mark
from worker.domain.errors import Unknown, Unreachable
from worker.domain.shift_notice import ShiftNotice, notice_event
from worker.oncall.notices.due import beginnings, handovers
from worker.oncall.schedule.wall_clock import minute_of

CAME = "You are on call for 'checkout' now, from Mon 22 Mar 08:00 to Mon 29 Mar 08:00 (UTC)."
WENT = "You are no longer on call for 'checkout' since Mon 22 Mar 08:00 (UTC)."
BOTH = {"ada": [CAME], "cem": [WENT]}
SOON = "You are on call for 'checkout' from Mon 29 Mar 08:00 to Mon 05 Apr 08:00 (UTC)."
EVENING = {"from": "2027-03-23T18:00", "to": "2027-03-23T22:00", "person": "eve"}
# So many calls has a look in which both sides of a handover are told; the messages are its fifth and sixth.
CALLS = 7
FIRST_MESSAGE = 5


@pytest.fixture
def bench():
    return ShiftBench()


@pytest.fixture(autouse=True)
def logged():
    """Instead of being drawn: a crash with its traceback takes longer than all the rest."""
    with capture_logs() as lines:
        yield lines


async def test_a_handover_is_told_to_both_sides_once(bench):
    """In its very minute, and by no later look again."""
    bench.now -= timedelta(seconds=1)
    await bench.look()
    assert BOTH.items().isdisjoint(bench.heard().items())
    for _ in range(3):
        bench.now += timedelta(seconds=1)
        await bench.look()
    assert bench.heard() == {**BOTH, "ada": [CAME.replace(" now,", ""), CAME]}


async def test_a_shift_is_announced_two_days_before(bench):
    """Once, and at its beginning it is handed over."""
    bench.now = MONDAY + timedelta(days=5, minutes=-1)
    await bench.look()
    assert bench.heard() == {}
    bench.now += timedelta(minutes=1)
    for _ in range(2):
        await bench.look()
        bench.now += timedelta(hours=1)
    assert bench.heard() == {"ben": [SOON]}


async def test_a_shift_that_is_made_later_is_announced_when_it_is_seen(bench):
    """Never is worse than late; and one that is taken back before anybody looked is told to nobody."""
    bench.now = MONDAY + timedelta(days=1)
    bench.definitions = definitions(overrides=[EVENING])
    await bench.look()
    assert list(bench.heard()) == ["eve"]
    bench.definitions = definitions()
    await bench.look()
    assert list(bench.heard()) == ["eve"]


async def test_a_change_sends_nothing_again_that_it_does_not_move(bench):
    """Another end is no other shift; another beginning is."""
    bench.now = MONDAY + timedelta(days=6)
    await bench.look()
    bench.definitions = definitions(overrides=[{"from": "2027-04-04T08:00", "to": "2027-04-05T08:00", "person": "ada"}])
    await bench.look()
    assert bench.heard() == {"ben": [SOON]}
    bench.definitions = definitions(overrides=[{"from": "2027-03-29T08:00", "to": "2027-03-29T12:00", "person": "ada"}])
    await bench.look()
    assert bench.heard()["ben"] == [SOON, SOON.replace("08:00 to", "12:00 to")]


@pytest.mark.parametrize(("late", "told"), [(timedelta(minutes=119), BOTH), (timedelta(minutes=121), {})])
async def test_after_an_outage_what_is_of_use_is_told(bench, late, told, logged):
    """A handover of two hours ago is none any more: that nobody heard of it stands in the log."""
    bench.now += late
    await bench.look(since=timedelta(hours=7))
    assert bench.heard() == told
    dropped = [each["kind"] for each in logged if each["event"] == "shift.message_dropped"]
    assert ("handover" in dropped) is (told == {})


async def test_after_a_week_nobody_reads_of_the_week(bench, logged):
    """But of what is to come; every message that was not sent is in the log, by its kind."""
    bench.now += timedelta(days=7, hours=3)
    await bench.look(since=timedelta(days=7, hours=4))
    assert bench.heard() == {}
    dropped = [each["kind"] for each in logged if each["event"] == "shift.message_dropped"]
    assert dropped == ["handover", "handover", "before", "before"]


@pytest.mark.parametrize("applied", [False, True])
@pytest.mark.parametrize("call", range(1, CALLS + 1))
async def test_wherever_a_worker_is_killed_each_person_reads_it_once(bench, call, applied):
    """The next one goes on where it stood, once the lease has ended and the quarantine is over."""
    await bench.look(Life(ends_at=call, applied=applied))
    bench.now += LATER
    await bench.look()
    assert bench.heard() == BOTH


async def test_a_look_has_no_more_calls_than_are_tried(bench):
    """So that no place to be killed at is missing above."""
    life = Life()
    await bench.look(life)
    assert life.calls == CALLS


@pytest.mark.parametrize(("error", "applied"), [(Unreachable, False), (Unknown, False), (Unknown, True)])
async def test_a_message_that_fails_holds_up_nobody_and_comes_later(bench, error, applied):
    """What may have been applied is looked for before it is done again."""
    await bench.look(Life(error=error("No answer."), applied=applied))
    assert bench.heard().keys() == ({"ada", "cem"} if applied else {"ada"})
    await bench.look()
    bench.now += LATER
    await bench.look()
    assert bench.heard() == BOTH


async def test_a_schedule_that_cannot_be_looked_at_silences_no_other(bench, logged):
    """It is named in the log."""
    broken = replace(bench.definitions.schedules["checkout"], name="broken", clock=None, layers=(None,))
    schedules = {"broken": broken, **bench.definitions.schedules}
    bench.definitions = replace(bench.definitions, schedules=schedules)
    await bench.look()
    assert bench.heard() == BOTH
    assert [each["schedule"] for each in logged if each["event"] == "shift.look_crashed"] == ["broken"]


class Unreadable:
    """What is stored of an incident that somebody has edited."""

    async def of_services(self, names, covers, limit, *, within):
        raise ValueError("no such severity")


async def test_a_handover_is_told_where_what_is_open_cannot_be_read(bench, logged):
    """The list is worth less than the message, which says that it is missing."""
    worker = replace(bench.worker(), incidents=Unreadable())
    await worker.tell(bench.now, timedelta(seconds=30), asyncio.Event())
    assert bench.heard() == BOTH
    assert [each["error"] for each in logged if each["event"] == "shift.incidents_unknown"] == ["ValueError"]


async def test_workers_that_look_at_once_tell_once(bench):
    """Whoever has the lease tells; the others pass on."""
    await asyncio.gather(*(bench.look() for _ in range(3)))
    assert bench.heard() == BOTH


async def test_who_was_told_of_is_who_was_named_when_it_began(bench):
    """A retry after a change of the schedule tells the rest of those, and nobody else."""
    await bench.look(Life(ends_at=FIRST_MESSAGE, applied=True))
    assert len(bench.heard()) == 1
    bench.definitions = definitions({**WEEK, "people": ["dee", "eve", "dee"]})
    bench.now += LATER
    await bench.look()
    assert bench.heard() == BOTH


async def test_of_what_was_begun_and_told_to_nobody_those_hear_who_are_named_now(bench):
    """And nobody, where the schedule has no such handover any more."""
    await bench.look(Life(ends_at=FIRST_MESSAGE - 1))
    bench.definitions = definitions({**WEEK, "people": ["ada"]})
    bench.now += LATER
    await bench.look()
    assert bench.heard() == {}


async def test_what_was_begun_and_is_too_late_by_now_is_closed(bench, logged):
    """It is told to nobody, now and ever."""
    await bench.look(Life(ends_at=4))
    bench.now += timedelta(hours=2)
    for _ in range(2):
        await bench.look()
    assert bench.heard() == {}
    assert len([each for each in logged if each["event"] == "shift.message_dropped"]) == 1


async def test_whom_no_way_leads_to_is_named_in_the_log(bench, logged):
    """Once, and the message is done."""
    for _ in range(2):
        await bench.look(chats=False)
    missed = [each["person"] for each in logged if each["event"] == "shift.not_told"]
    assert sorted(missed) == ["Ada", "Cem"]


async def test_nothing_of_it_is_an_incident(bench):
    """No list of those has a row of it."""
    await bench.look()
    assert {name.partition("-")[0] for name in bench.table.partitions()} == {"notice"}


DAYS = {**WEEK, "every": "1 day"}
SPAN = timedelta(days=4)


@given(
    looks=st.lists(
        st.tuples(st.integers(6, 900), st.one_of(st.none(), st.integers(1, 40)), st.booleans()), min_size=1, max_size=40
    )
)
@settings(max_examples=25, deadline=None)
def test_over_days_of_kills_and_outages_nothing_is_told_twice_and_nothing_in_time_is_lost(looks):
    """A handover is told if somebody looked undisturbed within two hours of it, a shift if before it began."""
    bench = ShiftBench(definitions(DAYS, overrides=[EVENING]), now=MONDAY - timedelta(hours=1))
    undisturbed = asyncio.run(_look_about(bench, looks))
    schedule = bench.definitions.schedules["checkout"]
    marks = [marker for messages in bench.said.values() for marker, _ in messages]
    assert all(len(dict(messages)) == len(messages) for messages in bench.said.values())
    start, end = minute_of(MONDAY - timedelta(hours=1)), minute_of(bench.now)
    due = [(each, 0, 120) for each in handovers(schedule, start, end)]
    due += [(each, -48 * 60, 0) for each in beginnings(schedule, start, end + 48 * 60)]
    for notice, first, last in due:
        told = marks.count(mark(ShiftNotice(key=notice.key, event=notice_event("x"), received_at=MONDAY), SHIFT))
        if any(notice.instant + first <= minute < notice.instant + last for minute in undisturbed):
            assert told == len(notice.going) + len(notice.coming)


async def _look_about(bench, looks):
    """The minutes at which somebody looked and was not killed."""
    undisturbed = []
    for pause, dies_at, applied in looks:
        bench.now += timedelta(minutes=pause)
        life = Life(ends_at=dies_at or 0, applied=applied)
        await bench.look(life, since=timedelta(minutes=pause))
        if not life.is_over:
            undisturbed.append(minute_of(bench.now))
        if bench.now > MONDAY + SPAN:
            break
    return undisturbed
