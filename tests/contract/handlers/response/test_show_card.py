"""The lane that keeps the card current: never an older state over a newer one, whoever else writes it."""

from dataclasses import replace
from datetime import timedelta

import pytest
from cards_read import card_of, facts, shown
from launch_results import WORK_ITEM, people

from handlers.launch.announce import Announce
from handlers.launch.announce_elsewhere import AnnounceElsewhere
from handlers.launch.create_channel import CreateChannel
from handlers.launch.create_work_item import CreateWorkItem
from handlers.launch.find_on_call import FindOnCall
from handlers.launch.update_announcement import ShowPeople
from handlers.response.show_card import ShowCard, Shown, say_deleted
from tests.contract.handlers.response.conftest import AT, entry_of, ref_of
from worker.domain.checkpoint import Checkpoint
from worker.domain.errors import Transient
from worker.domain.response.act import GivenImpact
from worker.domain.response.actor import CLOCK
from worker.domain.response.response import Impact, Promise, RoleSpan, TimeValue, UpdateSent
from worker.domain.states import StepState
from worker.engine.step import Done


@pytest.fixture(params=["bot", "delegated"])
def posting(request):
    return request.param


@pytest.fixture
def step(poster, standing):
    return ShowCard(poster, standing, entry_of("acknowledged", 7, "Amara has it."))


@pytest.fixture
def acknowledged(response_of):
    return response_of(
        "acknowledged",
        owner=ref_of(0),
        severity=2,
        impact=Impact(**GivenImpact(text="EU <at>cannot</at> pay", regions=("EU",), customers=1200).model_dump()),
        roles=(RoleSpan(role="incident-commander", person=ref_of(1), since=AT, given_by=CLOCK),),
        times={"acknowledged_at": TimeValue(value=AT, source="person", recorded_at=AT)},
        promise=Promise(due_at=AT, made_at=AT),
        last_update=UpdateSent(at=AT, by=ref_of(0).person, phase="identified", text="Rolled back [x](http://x)"),
    )


async def test_the_card_says_how_it_stands(team, incident, announced, standing, step, acknowledged):
    """The message that stands there, edited: who has it and who leads, what is promised, and whom it hurts."""
    standing.now = acknowledged
    await step.run(incident, announced)
    (message,) = team.messages()
    card = card_of(message)
    told = facts(card)
    assert "Acknowledged since 10:04 UTC: Amara Okafor has it." in shown(card)
    assert told["Has it"] == "Amara Okafor"
    assert told["Incident commander"].startswith("Bruno Costa")
    assert "2026-03-02 10:04 UTC" in told["Next update by"]
    assert told["Customers hit"] == "1,200"
    assert told["Severity"].startswith("2 (high): ")
    assert "Update of 10:04 UTC by Amara Okafor, identified: Rolled back" in shown(card)
    assert "<at>cannot" not in shown(card)


async def test_what_came_to_be_known_meanwhile_is_shown_as_well(team, incident, announced, standing, step, response_of):
    """The launch found the people while the card was being sent, and somebody acted."""
    standing.now = response_of(seq=7)

    def moved_on():
        standing.now = response_of("acknowledged", seq=8, owner=ref_of(0))
        standing.done = Done({**announced, FindOnCall: people(1)})

    standing.on_read = [lambda: None, moved_on]
    await step.run(incident, announced)
    words = shown(card_of(team.messages()[0]))
    assert "Acknowledged" in words
    assert "Bruno Costa" in words


async def test_a_step_of_the_launch_shows_the_newest_response(team, incident, announced, poster, standing, response_of):
    """Although it knows nothing of it but by reading it: a card of the launch takes nothing back."""
    standing.now = response_of("acknowledged", owner=ref_of(0))
    placed = AnnounceElsewhere(poster, None, patience=None).without_effect(incident, announced)
    done = Done({**announced, AnnounceElsewhere: placed, FindOnCall: people(1)})
    await ShowPeople(poster, standing.response).run(incident, done)
    assert "Acknowledged" in shown(card_of(team.messages()[0]))


async def test_a_card_that_comes_late_shows_what_happened_before_and_meanwhile(
    team, incident, own_channel, poster, standing, response_of
):
    """No lane had this card to show it on."""
    standing.now = response_of()

    def moved_on():
        standing.now = response_of("acknowledged", seq=8, owner=ref_of(0))

    standing.on_read = [lambda: None, moved_on]
    announce = Announce(poster, patience=timedelta(), read=standing.response)
    await announce.run(incident, Done({CreateChannel: own_channel}))
    assert "Acknowledged" in shown(card_of(team.messages()[0]))


async def test_what_stands_elsewhere_is_kept_current_too(incident, poster, places, standing, step, said, response_of):
    """Where the incident's own channel took nothing."""
    placed = await AnnounceElsewhere(poster, places("first-channel"), patience=timedelta()).run(incident, Done())
    standing.done = Done({AnnounceElsewhere: placed, CreateWorkItem: WORK_ITEM})
    standing.now = response_of("mitigated", owner=ref_of(0))
    await step.run(incident, standing.done)
    (message,) = said(placed.channel.id)
    assert "Mitigated" in shown(card_of(message))


async def test_before_it_is_announced_it_waits(incident, step, standing, response_of):
    """What it shows then is the newest all the same."""
    standing.now = response_of()
    with pytest.raises(Transient):
        await step.run(incident, Done())


async def test_a_deleted_card_is_told_of_once_and_not_posted_again(
    team, incident, announced, standing, step, response_of
):
    """Whoever took it away did not want another one."""
    messages = team.stand_in.messages
    messages.delete(messages.get(announced[CreateChannel].id, announced[Announce].id), team.stand_in.clock())
    standing.now = response_of()
    shown_now = await step.run(incident, announced)
    assert shown_now.deleted
    made = {step.name: Checkpoint(step.name, StepState.DONE, 1, begun_at=AT, result=shown_now.model_dump_json())}
    (act,) = say_deleted(entry_of("note", 7, ""), made)
    (again,) = say_deleted(entry_of("note", 8, ""), made)
    assert act.id == again.id
    assert not list(
        say_deleted(entry_of("note", 7, ""), {step.name: replace(made[step.name], result=Shown().model_dump_json())})
    )
