"""The lane that offers the draft of a review, and keeps it once the incident is closed."""

from datetime import timedelta

import pytest
from cards_read import card_of, shown

from handlers.launch.create_channel import CreateChannel
from handlers.launch.create_work_item import CreateWorkItem
from handlers.response.write_review import AttachReview, KeepReview, OfferDraft, reviews
from tests.contract.handlers.response.conftest import entry_of
from worker.domain.errors import Transient, Unknown
from worker.engine.step import Done


class Desk:
    def __init__(self):
        self.kept = {}

    def address(self, incident):
        return f"https://intake.example/v1/incidents/{incident.id}/review"

    async def bundle(self, incident_id, made_at):
        return f"{incident_id} {made_at}".encode()

    async def keep(self, incident_id, seq, made_at):
        self.kept[seq] = made_at
        return "d" * 32


@pytest.fixture
def desk():
    return Desk()


@pytest.fixture
def done(own_channel):
    return Done({CreateChannel: own_channel})


async def test_the_draft_is_offered_with_a_link_and_the_command(team, incident, poster, desk, done):
    """In one message of the channel."""
    await OfferDraft(poster, desk, entry_of("resolved", 7, "")).run(incident, done)
    (message,) = team.messages()
    assert desk.address(incident) in str(card_of(message))
    assert f"tocsin review {incident.id}" in shown(card_of(message))


async def test_after_a_lost_answer_the_message_is_found(team, incident, poster, desk, done, a_post):
    """And is not taken for that of an earlier end."""
    first, second = (OfferDraft(poster, desk, entry_of("resolved", seq, "")) for seq in (7, 71))
    await second.run(incident, done)
    assert await first.find(incident, done) is None
    team.disturb(**a_post, behaviour="drop-after", times=3)
    with pytest.raises(Unknown):
        await first.run(incident, done)
    assert (await first.find(incident, done)).id
    assert len(team.messages()) == 2


@pytest.mark.parametrize("step", ["draft", "file"])
async def test_what_is_not_launched_yet_is_waited_for_and_not_for_ever(incident, poster, boards, desk, step):
    """An outage loses neither the message nor the file; the command and the address tell it all the same."""

    def made(entry):
        return OfferDraft(poster, desk, entry) if step == "draft" else AttachReview(boards, desk, entry)

    entry = entry_of("resolved", 7, "")
    with pytest.raises(Transient):
        await made(entry).run(incident, Done())
    old = entry.model_copy(update={"recorded_at": entry.recorded_at - timedelta(days=1)})
    assert (await made(old).run(incident, Done())).refused


async def test_nothing_is_attached_where_others_read_what_members_are_to_see(incident, boards, desk):
    """A work item is the whole project's."""
    secret = incident.model_copy(update={"event": incident.event.model_copy(update={"restricted": True})})
    item = await CreateWorkItem(boards).run(secret, Done())
    attached = await AttachReview(boards, desk, entry_of("closed", 9, "")).run(secret, Done({CreateWorkItem: item}))
    assert "restricted" in attached.refused
    assert not [each for each in (await boards.get(item.id)).relations if each.name]


async def test_at_the_close_it_is_kept_as_of_that_moment(incident, desk):
    """So that it is the same, however often it is made."""
    entry = entry_of("closed", 9, "")
    assert (await KeepReview(desk, entry).run(incident, Done())).digest
    assert desk.kept == {9: entry.recorded_at}


async def test_it_is_a_file_of_the_work_item_once(incident, boards, desk):
    """However often it is attached."""
    item = await CreateWorkItem(boards).run(incident, Done())
    attach, done = AttachReview(boards, desk, entry_of("closed", 9, "")), Done({CreateWorkItem: item})
    made = [await attach.run(incident, done) for _ in range(2)]
    names = [each.name for each in (await boards.get(item.id)).relations if each.name]
    assert names == [made[0].name] == [f"review-{incident.id}-9.zip"]


@pytest.mark.parametrize(
    ("does", "steps"),
    [
        (("review-draft", "snapshot"), ["review-draft-7"]),
        (("review-final",), ["review-final-7", "review-attach-7"]),
        (("snapshot",), None),
    ],
)
def test_entries_say_what_is_written(boards, poster, desk, response_of, does, steps):
    """A draft at the end, the whole at the close."""
    lane, entry = reviews(boards, poster, desk), entry_of("x", 7, "", does=does)
    assert lane.concerns(entry) is (steps is not None)
    assert [step.name for step in lane.playbook(entry, response_of())] == (steps or [])
