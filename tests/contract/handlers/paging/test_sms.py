"""The way by SMS, against a stand-in that speaks Azure's contract."""

from datetime import UTC, datetime, timedelta

import pytest
from launch_results import WORK_ITEM, people

from handlers.launch.create_channel import CreateChannel
from handlers.launch.create_work_item import CreateWorkItem
from handlers.launch.find_on_call import FindOnCall
from handlers.paging.page import PagePeople
from worker.domain.errors import Throttled
from worker.engine.step import Done
from worker.sandbox.world import DEFAULT_WORLD

AMARA = DEFAULT_WORLD.people[0]


@pytest.fixture
def sms(open_ways, incident):
    ways = open_ways("sms", acknowledge=lambda incident, person: f"https://tocsin.example/{person}")
    return lambda on_call: PagePeople(ways).parts(incident, Done({FindOnCall: on_call}))[0]


@pytest.fixture
def first_sent():
    return datetime.now(UTC).replace(microsecond=0)


async def test_a_person_gets_an_sms(incident, phones, sms):
    """To the number of their row, however it is written, with what happened, why, and the link."""
    page = await sms(people(0, phone="+1 (500) 555-0101")).run(incident, Done())
    (sent,) = phones.sms.messages
    assert sent["to"] == AMARA.phone
    assert sent["message"].splitlines() == [
        "CRITICAL: Checkout is down (checkout)",
        "You are on call for 'checkout'.",
        incident.id,
        f"I have it: https://tocsin.example/{AMARA.email}",
    ]
    assert (page.person, page.by, page.told, page.answer) == (AMARA.email, "sms", True, "accepted")
    assert page.message == sent["id"]


async def test_whatever_has_come_since_a_repeat_is_the_same_request(incident, phones, sms, own_channel, first_sent):
    """Same words, same key: the service keeps one, and answers as then."""
    first = await sms(people(0)).send(incident, Done(), first_sent)
    later = Done({CreateChannel: own_channel, CreateWorkItem: WORK_ITEM})
    assert await sms(people(0)).send(incident, later, first_sent) == first
    assert len(phones.sms.messages) == 1


async def test_an_answer_that_was_lost_is_asked_for_again(incident, phones, sms, first_sent):
    """The part has nothing to find: what may have been sent is sent under the same key."""
    part = sms(people(0))
    phones.disturb(system="sms", behaviour="drop-after")
    page = await part.send(incident, Done(), first_sent)
    assert page.told
    assert await part.find(incident, Done()) is None
    assert len(phones.sms.messages) == 1


async def test_two_people_and_two_moments_are_two_messages(incident, phones, sms, first_sent):
    """A key is of one person and of one first time."""
    await sms(people(0)).send(incident, Done(), first_sent)
    await sms(people(1)).send(incident, Done(), first_sent)
    await sms(people(0)).send(incident, Done(), first_sent + timedelta(seconds=60))
    assert len(phones.sms.messages) == 3


def test_a_repeat_is_the_same_for_less_than_the_services_window(sms):
    """Which is five minutes; what is in doubt for longer is sent anew."""
    assert timedelta() < sms(people(0)).window < timedelta(minutes=5)


async def test_whoever_does_not_take_it_is_not_told(incident, phones, sms):
    """With the service's own words, and a number that is shown in part."""
    page = await sms(people(2)).run(incident, Done())
    assert not page.told
    assert "opted out" in page.answer
    assert DEFAULT_WORLD.people[2].phone not in page.answer
    assert phones.sms.messages == []


async def test_a_number_that_the_service_repeats_is_shown_in_part(incident, phones, sms):
    """Whatever it says of it."""
    said = f'{{"error": {{"code": "BadRequest", "message": "The number {AMARA.phone} is wrong."}}}}'
    phones.disturb(system="sms", behaviour="status", status=400, body=said)
    page = await sms(people(0)).run(incident, Done())
    assert not page.told
    assert "The number +1500…01 is wrong" in page.answer


async def test_a_throttle_is_tried_again(incident, phones, sms):
    """It is no answer about the person."""
    phones.disturb(system="sms", behaviour="status", status=429, headers={"Retry-After": "60"})
    with pytest.raises(Throttled):
        await sms(people(0)).run(incident, Done())
