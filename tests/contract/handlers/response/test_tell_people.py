"""The lane that tells people because of an entry: by each way, found again, and nobody twice."""

import pytest
from cards_read import buttons, card_of, shown

from handlers.response.tell_people import TellPeople, mentioned_by, say_untold, tells
from tests.contract.handlers.response.conftest import entry_of, tell_of
from worker.domain.checkpoint import Checkpoint
from worker.domain.errors import Unknown
from worker.domain.page import Paged
from worker.domain.response.entry import TellKind
from worker.domain.states import StepState
from worker.engine.step import Done
from worker.sandbox.world import DEFAULT_WORLD

BRUNO = DEFAULT_WORLD.people[1]


@pytest.fixture
def parts(open_ways, poster, incident, response_of):
    def made(entry, default="chat", response=None):
        ways = open_ways(default, acknowledge=lambda _, person: f"https://tocsin.example/{person}")
        return TellPeople(ways, poster, entry, response or response_of()).parts(incident, Done())

    return made


def level(*tells, seq=3, **more):
    return entry_of("level-told", seq, "Level 2: Bruno.", tells=tells, **more)


async def test_a_page_says_why_how_it_stands_and_leads_to_the_answer(incident, parts, chat_of, announced):
    """In the person's own chat."""
    (part,) = parts(level(tell_of(1, level=2)))
    page = await part.run(incident, announced)
    (message,) = chat_of(1)
    card = card_of(message)
    assert (page.person, page.by, page.told, page.level) == (BRUNO.email, "chat", True, 2)
    assert "You are level 2 for this." in shown(card)
    assert "Open since 10:04 UTC: nobody has it yet." in shown(card)
    assert buttons(card)["I have it"] == f"https://tocsin.example/{BRUNO.email}"


async def test_a_page_of_another_entry_is_another_page(incident, parts, chat_of, announced):
    """Each is found by its own mark, and neither for the other."""
    (first,) = parts(level(tell_of(1, level=2), seq=3))
    (second,) = parts(level(tell_of(1, level=3), seq=31))
    await first.run(incident, announced)
    assert await second.find(incident, announced) is None
    await second.run(incident, announced)
    assert await first.find(incident, announced)
    assert len(chat_of(1)) == 2


async def test_after_a_lost_answer_it_is_found(team, incident, parts, chat_of, announced):
    """Nobody is told twice."""
    (part,) = parts(level(tell_of(1)))
    team.disturb(system="bot", method="POST", path="/activities", behaviour="drop-after", times=3)
    with pytest.raises(Unknown):
        await part.run(incident, announced)
    assert (await part.find(incident, announced)).told
    assert len(chat_of(1)) == 1


async def test_a_mention_stands_in_the_channel_and_is_found(team, incident, parts, announced):
    """With a mark for the entry and the person."""
    (part,) = parts(level(tell_of(1)), "mention")
    assert await part.find(incident, announced) is None
    page = await part.run(incident, announced)
    assert (page.by, page.told) == ("mention", True)
    assert len(team.messages()) == 2
    assert await part.find(incident, announced) == page


async def test_where_there_is_no_channel_who_would_be_mentioned_is_written_to(incident, parts, announced, chat_of):
    """And found there by whoever looks once the channel is there."""
    (part,) = parts(level(tell_of(1)), "mention")
    page = await part.run(incident, Done())
    assert (page.by, page.told) == ("chat", True)
    assert len(chat_of(1)) == 1
    assert await part.find(incident, announced) == page


async def test_who_would_not_hear_a_mention_is_tried_by_a_chat(team, incident, parts, announced):
    """Teams tells nobody of a mention who is not in the team; what the chat answers is told."""
    (part,) = parts(level(tell_of(4)), "mention")
    page = await part.run(incident, announced)
    assert page.by == "chat"
    assert len(team.messages()) == 1


async def test_an_sms_says_the_same_whatever_has_come_since(incident, parts, phones, response_of, announced):
    """By the entry's own severity: the service takes no other words under a known key."""
    entry = level(tell_of(1), severity=2)
    (first,) = parts(entry, "sms", response_of(severity=2))
    (later,) = parts(entry, "sms", response_of("acknowledged", severity=1))
    at = entry.recorded_at
    await first.send(incident, Done(), at)
    await later.send(incident, announced, at)
    (sent,) = phones.sms.messages
    assert sent["message"].splitlines()[:2] == ["HIGH: Checkout is down (checkout)", "You are level 2 for this."]


async def test_a_notice_is_quiet(incident, parts, chat_of, announced):
    """By the mildest of a person's ways, and asks for nothing."""
    (part,) = parts(level(tell_of(1, kind=TellKind.NOTICE, why="Amara has it.")), "1-2=sms, 3-5=mention")
    page = await part.run(incident, announced)
    (message,) = chat_of(1)
    assert page.by == "chat"
    assert "I have it" not in buttons(card_of(message))
    assert message["importance"] == "normal"


def test_an_account_of_a_machine_is_told_quietly_of_nothing(parts):
    """It leads to nobody; a person without an address that leads anywhere is named all the same."""
    nobody = {"email": "", "object_id": None, "phone": ""}
    assert not parts(level(tell_of(1, kind=TellKind.NOTICE, **nobody)))
    assert parts(level(tell_of(1, **nobody)))


@pytest.mark.parametrize(
    ("tell", "ways", "is_mentioned"),
    [
        ({}, "1-2=sms+mention, 3-5=chat", True),
        ({}, "1-2=sms, 3-5=mention", False),
        ({"kind": TellKind.NOTICE}, "mention", False),
        ({"by": "webhook:pager"}, "mention", False),
        ({"paging": "chat"}, "mention", False),
    ],
)
def test_whom_an_entry_calls_by_a_mention_is_known(open_ways, tell, ways, is_mentioned):
    """By their own ways for its severity."""
    assert bool(mentioned_by(open_ways(ways), level(tell_of(1, **tell)))) is is_mentioned


async def test_one_way_alone_where_the_settings_name_it(parts):
    """Whatever the person's own are; named twice, it is gone once."""
    named = tell_of(1, by="webhook:pager")
    assert [part.by for part in parts(level(named, named))] == ["webhook:pager"]


async def test_nobody_is_woken_for_what_is_over(incident, parts, phones, response_of, announced):
    """The entry is of when it was open, and its page was held up until it was resolved."""
    (part,) = parts(level(tell_of(1)), "sms", response_of("resolved"))
    page = await part.run(incident, announced)
    assert (page.told, page.answer) == (False, "not needed any more: it is resolved")
    assert not phones.sms.messages


def made(entry, *pages):
    result = Paged(pages=pages).model_dump_json()
    name = f"tell-{entry.seq}"
    return {name: Checkpoint(name, StepState.DONE, 1, begun_at=entry.at, result=result)}


async def test_a_level_of_which_nobody_was_told_is_told_of(incident, parts, announced):
    """Once, with what each way answered; not where one was told, nor of what is no level."""
    entry = level(tell_of(1, level=2, round=1, email="nobody@contoso.example", object_id=None))
    (part,) = parts(entry)
    page = await part.run(incident, announced)
    (act,) = say_untold(entry, made(entry, page))
    assert act.id == "outcome:tells:3"
    assert act.data == {"untold": {"seq": 3, "round": 1, "level": 2}}
    assert page.answer in act.text
    told = page.model_copy(update={"told": True})
    assert not list(say_untold(entry, made(entry, page, told)))
    assert not list(say_untold(level(tell_of(1)), made(entry, page)))


def test_each_entry_is_told_by_itself(open_ways, poster):
    """So that no page waits for another."""
    lane = tells(open_ways(), poster)
    assert lane.partition(level(tell_of(1), seq=4)) != lane.partition(level(tell_of(1), seq=5))
    assert not lane.concerns(level())
