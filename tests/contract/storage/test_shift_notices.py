"""Notices of shifts in the table: found by when they are about, under leases as incidents are, and no incidents."""

from datetime import UTC, datetime, timedelta

import pytest

from worker.domain.errors import Held
from worker.domain.lease import AlreadyLaunched, Closing
from worker.domain.shift_notice import ShiftNotice, notice_event
from worker.domain.states import LaunchState
from worker.storage.partitions import NOTICE
from worker.storage.stores import open_stores

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
STEPS = ["compose-shift-message"]


@pytest.fixture
async def stores(settings):
    async with open_stores(settings, owner="one") as opened:
        await opened.table.prepare()
        yield opened


def notice(minute, whose="ada"):
    return ShiftNotice(key=f"{minute:010d}:before:checkout:{whose}", event=notice_event("x"), received_at=NOON)


async def test_a_notice_is_told_under_a_lease_and_found_by_its_time(stores):
    """With its state, and when it is tried again; earlier ones are not read."""
    later, told, early = notice(200), notice(150), notice(99)
    for each, closing in (
        (later, Closing(LaunchState.LAUNCHING, "No answer.", next_try_at=NOON + timedelta(minutes=1))),
        (told, Closing(LaunchState.LAUNCHED)),
        (early, Closing(LaunchState.LAUNCHED)),
    ):
        lease = await stores.notices.lease(each, [], playbook=STEPS)
        await stores.notices.store.commit(lease, [], closing)
    known = {each.notice.id: each for each in await stores.notices.since("0000000100")}
    assert {name: each.notice for name, each in known.items()} == {later.id: later, told.id: told}
    waiting = known[later.id]
    assert (waiting.state, waiting.next_try_at) == (LaunchState.LAUNCHING, NOON + timedelta(minutes=1))
    assert known[told.id].state is LaunchState.LAUNCHED
    assert all(name.startswith(NOTICE) for name in known)
    assert await stores.listing.newest(10) == []


async def test_one_worker_at_a_time_tells_and_none_once_it_is_told(stores):
    """What was begun is taken over with its own partition."""
    lease = await stores.notices.lease(notice(1), [], playbook=STEPS)
    with pytest.raises(Held):
        await stores.notices.lease(notice(1), [], playbook=STEPS)
    await stores.notices.store.commit(lease, [], Closing(LaunchState.LAUNCHING))
    again = await stores.notices.lease(notice(1), [], playbook=STEPS)
    assert (again.attempt, again.incident.id) == (2, notice(1).id)
    await stores.notices.store.commit(again, [], Closing(LaunchState.LAUNCHED))
    assert isinstance(await stores.notices.lease(notice(1), [], playbook=STEPS), AlreadyLaunched)
