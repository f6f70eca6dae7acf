"""When it is said that nobody was told: within the promise, also by the last of many short attempts."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from patience import LIMIT

from worker.domain.event import Event
from worker.domain.incident import Incident
from worker.domain.lease import Lease
from worker.domain.page import Page
from worker.domain.settlement import Complete, RetryLater
from worker.engine.nobody_told import NobodyTold
from worker.engine.pages import Pages
from worker.oncall.escalation.opening import Opening
from worker.oncall.escalation.state import Escalation
from worker.oncall.on_call import OnCall

HELD = Opening(at=0, state=Escalation(severity=3, due=600))
TOLD = Page(person="ada@contoso.example", name="Ada", by="sms", told=True, answer="accepted", why="")


class HurriedJournal:
    """Has nothing to store, and knows when it is to do it at once."""

    def __init__(self):
        self.hurried = asyncio.Event()

    def hurry(self):
        self.hurried.set()


def lease(*, age, opened=False):
    received_at = datetime.now(UTC) - timedelta(seconds=age)
    incident = Incident(key="k", event=Event(title="Down", key="k"), received_at=received_at)
    return Lease(incident, timedelta(seconds=30), "etag", 0.0, 2, received_at, opened=opened)


@pytest.mark.parametrize("age", [27, 29])
async def test_an_attempt_that_follows_others_has_no_more_time_than_they_left(age):
    """It says at once what nobody has said, and stores it at once."""
    held, journal = lease(age=age), HurriedJournal()
    async with NobodyTold(held, journal, Pages()):
        await asyncio.wait_for(journal.hurried.wait(), 1)
        assert held.nobody_told


@pytest.mark.parametrize(("age", "opened"), [(27, True), (100, False), (100, True)])
async def test_what_lay_for_long_has_a_chance_first(age, opened):
    """Nothing is said at once of an incident whose first attempt it is, or that a dead worker left."""
    held, journal, pages = lease(age=age, opened=opened), HurriedJournal(), Pages()
    async with NobodyTold(held, journal, pages):
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(journal.hurried.wait(), 1)
        pages.note(TOLD)
        async with asyncio.timeout(LIMIT):
            while held.told_at is None:
                await asyncio.sleep(0)
    assert not held.nobody_told


@pytest.mark.parametrize(("delay", "says"), [(1, False), (4, True), (60, True)])
async def test_an_attempt_says_it_where_the_next_one_begins_too_late(delay, says):
    """Whoever begins in the last seconds could not say it in time any more."""
    held = lease(age=23)
    NobodyTold(held, HurriedJournal(), Pages()).judge(RetryLater(timedelta(seconds=delay), "Boards is down."))
    assert held.nobody_told is says


async def test_a_launch_that_ends_untold_says_so():
    """However young it is: nobody comes after it."""
    held = lease(age=1)
    NobodyTold(held, HurriedJournal(), Pages()).judge(Complete())
    assert held.nobody_told


async def test_a_later_success_takes_it_back():
    """What was said is unsaid once somebody is told, and when that was is kept."""
    held, journal, pages = lease(age=27), HurriedJournal(), Pages()
    async with NobodyTold(held, journal, pages):
        await asyncio.wait_for(journal.hurried.wait(), LIMIT)
        journal.hurried.clear()
        pages.note(TOLD)
        await asyncio.wait_for(journal.hurried.wait(), LIMIT)
    assert not held.nobody_told
    assert held.told_at is not None


async def test_nobody_is_missed_who_is_not_to_be_told_yet():
    """Before the hours of its policy a launch that tells nobody is as it should be."""
    held, pages = lease(age=27), Pages()
    pages.note(OnCall(opening=HELD))
    async with NobodyTold(held, HurriedJournal(), pages) as watch:
        watch.judge(Complete())
    assert not held.nobody_told
