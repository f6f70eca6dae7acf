"""Two teams behind one Graph: each with its own channels and messages, and the bot in both."""

import pytest

CARD = {"type": "AdaptiveCard", "version": "1.4", "body": []}
ACTIVITY = {
    "type": "message",
    "attachments": [{"contentType": "application/vnd.microsoft.card.adaptive", "content": CARD}],
}


@pytest.fixture
def other_path(served):
    return f"/graph/v1.0/teams/{served.world.other_team_id}"


@pytest.fixture
async def reserve(served, other_path):
    """The id of the other team's first channel."""
    return (await served.http.get(f"{other_path}/primaryChannel")).json()["id"]


async def start(served, channel):
    wish = {
        "isGroup": True,
        "bot": {"id": f"28:{served.world.bot_app_id}"},
        "channelData": {"channel": {"id": channel}},
        "activity": ACTIVITY,
    }
    return await served.http.post("/bot/v3/conversations", json=wish)


async def test_each_team_has_a_first_channel(app, served):
    """The SDK finds the primary channel of either team: General, with an id of its own."""
    teams = [served.world.team_id, served.world.other_team_id]

    channels = [await app.teams.by_team_id(team).primary_channel.get() for team in teams]

    assert [channel.display_name for channel in channels] == ["General", "General"]
    assert channels[0].id != channels[1].id


async def test_the_first_channel_is_among_the_teams_channels(served, other_path, reserve):
    """Listed with a filter on its name, the other team's channel is found, and none of the first team's."""
    await served.channel()

    listed = (await served.http.get(f"{other_path}/channels", params={"$filter": "displayName eq 'General'"})).json()
    all_of_it = (await served.http.get(f"{other_path}/channels")).json()

    assert [channel["id"] for channel in listed["value"]] == [reserve]
    assert all_of_it["value"] == listed["value"]


async def test_the_bot_works_in_the_other_team_as_in_the_first(served, other_path, reserve, conforms):
    """It posts, edits, answers and deletes in the other team's channel, where Graph lists it."""
    posted = (await start(served, reserve)).json()
    address = f"/bot/v3/conversations/{posted['id']}/activities"

    edited = await served.http.put(f"{address}/{posted['activityId']}", json={"type": "message", "text": "well"})
    answered = await served.http.post(address, json=ACTIVITY)
    (message,) = (await served.http.get(f"{other_path}/channels/{reserve}/messages")).json()["value"]
    deleted = await served.http.delete(f"{address}/{posted['activityId']}")

    conforms(message, "chatMessage")
    assert (message["id"], message["body"]["content"]) == (posted["activityId"], "<p>well</p>")
    assert message["channelIdentity"] == {"teamId": served.world.other_team_id, "channelId": reserve}
    assert f"groupId={served.world.other_team_id}" in message["webUrl"]
    assert [edited.status_code, answered.status_code, deleted.status_code] == [200, 201, 200]


async def test_the_bot_knows_the_other_team_and_its_members(served, reserve):
    """By the id of the first channel the bot reads the team's details, and finds a member."""
    details = (await served.http.get(f"/bot/v3/teams/{reserve}")).json()
    amara = served.world.people[0]
    member = await served.http.get(f"/bot/v3/conversations/{reserve}/members/{amara.entra_id}")

    assert (details["aadGroupId"], details["name"]) == (served.world.other_team_id, served.world.other_team)
    assert member.json()["email"] == amara.email


async def test_a_channel_of_one_team_is_not_in_the_other(served, other_path):
    """A channel is found below its own team alone."""
    channel = await served.channel()

    assert (await served.http.get(f"{other_path}/channels/{channel}")).status_code == 404


async def test_the_other_team_stands_beside_the_first_in_the_state(served, reserve):
    """Whoever counts the first team's channels does not meet the other's."""
    await start(served, reserve)

    state = (await served.http.get("/sandbox/state")).json()["graph"]

    assert reserve not in {channel["id"] for channel in state["channels"]}
    (other,) = state["other_teams"]
    assert (other["id"], other["name"]) == (served.world.other_team_id, served.world.other_team)
    assert [(channel["id"], len(channel["messages"])) for channel in other["channels"]] == [(reserve, 1)]


async def test_both_teams_survive_a_restart(restartable):
    """What stood in either team before a restart stands there after it."""
    async with restartable() as before:
        path = f"/graph/v1.0/teams/{before.world.other_team_id}"
        reserve = (await before.http.get(f"{path}/primaryChannel")).json()["id"]
        made = await before.http.post(f"{path}/channels", json={"displayName": "inc-1"})
        await before.archive(made.json()["id"], path)
        await start(before, reserve)
        state = before.teams.state()

    async with restartable() as after:
        assert after.teams.state() == state
