"""The lane that says in the channel what an entry has people know."""

import pytest
from cards_read import card_of, shown

from handlers.launch.announce import Announce
from handlers.launch.create_channel import CreateChannel
from handlers.response.say_in_channel import OneSaid, Places, SayInChannel, say_unsaid
from tests.contract.handlers.response.conftest import entry_of, tell_of
from worker.domain.errors import Transient, Unknown
from worker.domain.response.entry import Say
from worker.engine.step import Done
from worker.sandbox.world import DEFAULT_WORLD

BRUNO = DEFAULT_WORLD.people[1]
REMINDER = "update-reminder"


@pytest.fixture(params=["bot", "delegated"])
def posting(request):
    return request.param


@pytest.fixture
def say(poster, places):
    """One thing said, as the part that says it; `elsewhere` are the places of stakeholders."""

    def made(text="Amara has it.", *, seq=5, elsewhere="", called=(), kind="acknowledged", data=None, **more):
        said = Say(text=text, **more)
        entry = entry_of(kind, seq, text, says=(said,), data=data or {})
        return OneSaid(Places(poster, places(elsewhere), lambda _: called), entry, 0, said)

    return made


async def test_it_is_a_short_message_beneath_the_card(team, incident, say, announced):
    """People's words as they stand, whom it is for, and the command that answers."""
    part = say("Whom does it hurt? <at>all</at> [x](http://x)", mentions=(tell_of(1),), question="impact")
    await part.run(incident, announced)
    _, message = team.messages()
    words = shown(card_of(message))
    assert f"<at>{BRUNO.name}</at>" in words
    assert "<at>all" not in words
    assert f"tocsin impact {incident.id}" in words
    assert [each["mentionText"] for each in message["mentions"]] == [BRUNO.name]


@pytest.mark.parametrize(("called", "is_mentioned"), [((), True), ((BRUNO.email,), False)])
async def test_whom_the_entry_calls_there_itself_is_not_mentioned_twice(
    team, incident, say, announced, called, is_mentioned
):
    """Nor does what is for them alone stand there a second time; who called whom stands there all the same."""
    part = say("Amara has made Bruno scribe.", mentions=(tell_of(1),), to_mentioned="Write it down.", called=called)
    await part.run(incident, announced)
    _, message = team.messages()
    words = shown(card_of(message))
    assert "Amara has made Bruno scribe." in words
    assert ("Write it down." in words) is is_mentioned
    assert bool(message["mentions"]) is is_mentioned


@pytest.mark.parametrize(
    ("question", "kind", "data", "command"),
    [
        ("role", "role-offered", {"role": "incident-commander"}, "incident-commander --accept, or --decline"),
        ("role", "question", {"role": "scribe"}, "scribe, or scribe and a name"),
        ("severity", "alerts", {"severity": 1}, "1"),
        ("update", "reminder", {}, '"how it stands"'),
        ("acknowledge", "alerts", {}, ""),
    ],
)
async def test_a_question_says_the_whole_command(team, incident, say, announced, question, kind, data, command):
    """As it is typed, with what has to be said in it."""
    await say("So?", question=question, kind=kind, data=data).run(incident, announced)
    _, message = team.messages()
    typed = f"tocsin {'ack' if question == 'acknowledge' else question} {incident.id} {command}".strip()
    assert typed in shown(card_of(message))


async def test_after_a_lost_answer_it_is_found(team, incident, say, announced, a_post):
    """And is not taken for what another entry says, whose number begins alike."""
    part = say(seq=5)
    await say("Earlier", seq=51).run(incident, announced)
    assert await part.find(incident, announced) is None
    team.disturb(**a_post, behaviour="drop-after", times=3)
    with pytest.raises(Unknown):
        await part.run(incident, announced)
    assert (await part.find(incident, announced)).id
    assert len(team.messages()) == 3


async def test_of_a_topic_there_is_one_message(team, incident, say, announced):
    """Edited, so that reminders are never a pile; what is said of another topic is left alone."""
    first = await say("Due in 5 minutes.", seq=5, topic=REMINDER).run(incident, announced)
    await say("All resolved: resolve?", seq=6, topic="alerts").run(incident, announced)
    second = say("Overdue.", seq=7, topic=REMINDER)
    assert await second.find(incident, announced) is None
    assert (await second.run(incident, announced)).id == first.id
    _, reminder, alerts = team.messages()
    assert "Overdue." in shown(card_of(reminder))
    assert "resolve?" in shown(card_of(alerts))
    assert (await second.find(incident, announced)).id == first.id


async def test_what_is_urgent_is_heard(team, incident, say, announced):
    """Nobody hears of an edit: it takes the place of the message that stood there."""
    first = await say("Due in 5 minutes.", seq=5, topic=REMINDER).run(incident, announced)
    second = await say("Overdue.", seq=7, topic=REMINDER, urgent=True).run(incident, announced)
    assert second.id != first.id
    standing = [each["id"] for each in team.messages() if each["deletedDateTime"] is None]
    assert standing == [announced[Announce].id, second.id]


async def test_stakeholders_hear_it_in_a_channel_of_their_own(team, incident, say, announced, said, teams):
    """Without one nothing is said, and the log tells so."""
    part = say("We are back.", audience="stakeholders", elsewhere="first-channel")
    await part.run(incident, announced)
    channel = await teams.primary_channel()
    assert ["We are back." in shown(card_of(each)) for each in said(channel.id)] == [True]
    assert len(team.messages()) == 1
    unsaid = await say("We are back.", audience="stakeholders").run(incident, announced)
    assert "TOCSIN_TEAMS_STAKEHOLDERS" in unsaid.refused


async def test_before_it_is_announced_it_waits(incident, say):
    """It is neither lost nor refused."""
    with pytest.raises(Transient):
        await say().run(incident, Done())


async def test_a_channel_that_takes_nothing_is_told_of(team, incident, say, announced):
    """That is an answer: what comes behind it is not held up."""
    gone = announced[CreateChannel].model_copy(update={"id": "19:gone@thread.tacv2"})
    said = await say().run(incident, Done({CreateChannel: gone, Announce: announced[Announce]}))
    assert said.refused


@pytest.mark.parametrize(("state", "is_said"), [("acknowledged", True), ("closed", False)])
def test_nobody_is_reminded_where_all_is_over(poster, places, incident, response_of, state, is_said):
    """What the clock had to say was overtaken."""
    entry = entry_of("reminder", 5, "Due.", says=(Say(text="Due."),))
    step = SayInChannel(Places(poster, places("")), entry, response_of(state))
    assert (step.without_effect(incident, Done()) is None) is is_said


def test_what_was_said_needs_no_word():
    """Nor does what was never begun."""
    assert not list(say_unsaid(entry_of("note", 5, "A note."), {}))
