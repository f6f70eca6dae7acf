"""Closing duplicates against Boards, where people may be quicker."""

import pytest
from msrest.authentication import BasicAuthentication

from handlers.duplicates.closing import Duplicates
from worker.clients.boards.items import set_field
from worker.sandbox.world import DEFAULT_WORLD


@pytest.fixture
async def twins(boards):
    return [await boards.create((set_field("System.Title", "Down"),)) for _ in range(2)]


@pytest.fixture
def duplicates(boards, incident, twins):
    return Duplicates(boards, incident, twins[0], kind="work-item")


@pytest.fixture
async def somebody(connect):
    async with connect(authentication=BasicAuthentication(DEFAULT_WORLD.people[0].email, "password")) as client:
        yield client


async def test_what_somebody_began_between_look_and_repair_stays_open(boards, duplicates, twins, somebody):
    """Whatever they wrote into it may be needed."""
    [duplicate] = await duplicates.find_among(twins)
    await somebody.amend(twins[1].id, lambda _: (set_field("System.Title", "Mine"),))
    assert await duplicate.repair() is False
    item = await boards.get(twins[1].id)
    assert (item.state, item.is_duplicate_with(twins[0].id)) == ("To Do", False)


async def test_what_somebody_closed_between_look_and_repair_is_not_changed(boards, duplicates, twins, stand_in):
    """Another sweep was quicker."""
    [one], [other] = await duplicates.find_among(twins), await duplicates.find_among(twins)
    assert await one.repair() is True
    before = stand_in.state()
    assert await other.repair() is False
    assert stand_in.state() == before
    assert await duplicates.find_among([await boards.get(twin.id) for twin in twins]) == []


async def test_what_somebody_worked_on_is_told_with_the_reason(boards, duplicates, twins, somebody):
    """And is nobody's to close but theirs."""
    await somebody.amend(twins[1].id, lambda _: (set_field("System.Title", "Mine"),))
    [duplicate] = await duplicates.find_among([await boards.get(twin.id) for twin in twins])
    assert duplicate.repair is None
    assert duplicate.because.startswith("Somebody has worked on it")
    assert duplicate.because.endswith(f"Close it by hand as a duplicate of {twins[0].id}.")


async def test_what_somebody_else_made_is_no_duplicate(boards, duplicates, twins, somebody):
    """A mark can be copied together with an item."""
    copied = await somebody.create((set_field("System.Title", "Down"),))
    assert await duplicates.find_among([twins[0], await boards.get(copied.id)]) == []
