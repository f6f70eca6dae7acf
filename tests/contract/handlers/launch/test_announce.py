"""The step that announces the incident, over both routes against the stand-ins."""

import json
from datetime import datetime, timedelta

import pytest

from handlers.launch.announce import Announce
from handlers.launch.create_channel import CreateChannel
from handlers.launch.create_work_item import CreateWorkItem, WorkItem
from handlers.launch.find_on_call import FindOnCall
from worker.clients.posting.routes import open_poster
from worker.clients.teams.client import open_teams
from worker.domain.errors import Gone, Transient, Unknown
from worker.engine.step import Done
from worker.oncall.table import OnCall, Person
from worker.sandbox.world import DEFAULT_WORLD

WORK_ITEM = WorkItem(id=131, url="https://dev.azure.example/contoso/_workitems/edit/131", rev=1)


def on_call_of(*numbers):
    """Who is on call, as the look-up's checkpoint holds it."""
    people = (DEFAULT_WORLD.people[n] for n in numbers)
    return OnCall(
        people=tuple(Person(name=each.name, email=each.email, object_id=each.entra_id) for each in people),
        service="checkout",
    )


@pytest.fixture
async def teams(team):
    async with open_teams(team.settings(), None) as client:
        yield client


@pytest.fixture(params=["bot", "delegated"])
def posting(request):
    return request.param


@pytest.fixture
async def poster(team, teams, posting):
    async with open_poster(team.settings(posting=posting), teams, None) as opened:
        yield opened


@pytest.fixture
async def channel(teams, incident):
    return await CreateChannel(teams).run(incident, Done())


@pytest.fixture
def done_with(channel):
    """The results of the steps before; without people the look-up of them failed."""

    def made(on_call=None):
        results = {CreateWorkItem: WORK_ITEM, CreateChannel: channel}
        return Done({**results, **({FindOnCall: on_call} if on_call else {})})

    return made


def card_of(message):
    (attachment,) = message["attachments"]
    return json.loads(attachment["content"])


def words_of(message):
    return json.dumps(card_of(message)) + message["body"]["content"]


async def test_the_channel_learns_everything(team, poster, incident, done_with):
    """One message: title, severity, who is on call and mentioned, and a button to the work item."""
    await Announce(poster).run(incident, done_with(on_call_of(0, 1)))
    (message,) = team.messages()
    assert message["importance"] == "high"
    assert all(
        word in words_of(message) for word in (incident.id, "Checkout is down", "critical", "2026-03-02 09:05 UTC")
    )
    assert [mention["mentionText"] for mention in message["mentions"]] == ["Amara Okafor", "Bruno Costa"]
    assert card_of(message)["actions"][0]["url"] == WORK_ITEM.url


async def test_it_is_found_by_a_later_attempt(team, poster, incident, done_with, posting):
    """After a lost answer the announcement is found, and stands there once."""
    done = done_with()
    assert await Announce(poster).find(incident, done) is None
    where = {"system": "bot"} if posting == "bot" else {"path": "/messages$"}
    team.disturb(**{"method": "POST", "behaviour": "drop-after", **where})
    with pytest.raises(Unknown):
        await Announce(poster).run(incident, done)
    assert (await Announce(poster).find(incident, done)).id == team.messages()[0]["id"]
    assert len(team.messages()) == 1


async def test_a_person_outside_the_team_does_not_cost_the_announcement(team, poster, incident, done_with):
    """Where Teams refuses a message for a mention it is posted without mentions, the names still in it."""
    await Announce(poster).run(incident, done_with(on_call_of(0, 4)))
    (message,) = team.messages()
    assert DEFAULT_WORLD.people[4].name in words_of(message)


async def test_a_failed_look_up_is_said_loudly(team, poster, incident, done_with):
    """Without the look-up's result the channel is told to call somebody."""
    await Announce(poster).run(incident, done_with())
    assert "could not be looked up" in words_of(team.messages()[0])


async def test_a_channel_only_just_made_is_tried_again(team, poster, incident, done_with, channel):
    """Teams may not show a new channel everywhere at once: shortly after its making a 404 passes."""
    await team.call("DELETE", f"/channels/{channel.id}")
    young = Announce(poster, now=lambda: channel.created_at + timedelta(seconds=5))
    with pytest.raises(Transient) as caught:
        await young.run(incident, done_with())
    assert caught.value.retry_after < timedelta(minutes=1)


async def test_a_channel_that_was_deleted_is_gone(team, poster, incident, done_with, channel):
    """Later a 404 means that people deleted the channel."""
    await team.call("DELETE", f"/channels/{channel.id}")
    old = Announce(poster, now=lambda: channel.created_at + timedelta(minutes=5))
    with pytest.raises(Gone):
        await old.run(incident, done_with())


async def test_alert_text_makes_no_link_no_mention_and_no_script(team, poster, incident, done_with):
    """Whatever an alert says, it arrives as words."""
    hostile = '[click](https://evil.example) <at>Amara Okafor</at> <script>alert(1)</script> **x** "quoted" & \\'
    event = incident.event.model_copy(
        update={"title": hostile, "impact": hostile, "service": hostile, "source": hostile}
    )
    attacked = incident.model_copy(update={"event": event})
    await Announce(poster).run(attacked, done_with(on_call_of(1)))
    (message,) = team.messages()
    assert [mention["mentionText"] for mention in message["mentions"]] == ["Bruno Costa"]
    assert "<script" not in message["body"]["content"]
    markdown = json.dumps([part for part in card_of(message)["body"] if part["type"] in ("TextBlock", "FactSet")])
    assert "](" not in markdown
    assert "<at>Amara" not in json.dumps(card_of(message))


async def test_the_largest_incident_still_fits(team, poster, incident, done_with):
    """An incident with everything at its limit is announced: words give way, the work item's address stays."""
    long = {"title": "\N{FIRE}" * 500, "impact": "é" * 32_000, "description": "\\" * 32_000, "service": "s" * 256}
    links = [{"href": f"https://wiki.example/{'x' * 2_000}{n}", "text": "t" * 256} for n in range(50)]
    event = type(incident.event)(
        **long, links=links, severity=1, occurred_at=datetime.fromisoformat("2026-03-02T09:00Z")
    )
    await Announce(poster).run(incident.model_copy(update={"event": event}), done_with(on_call_of(0, 1, 2, 3)))
    assert "edit/131" in words_of(team.messages()[0])
