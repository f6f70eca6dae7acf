"""What a signed-in person changes, through Graph: a root and a reply alike."""

import pytest
from kiota_abstractions.base_request_configuration import RequestConfiguration
from msgraph.generated.models.o_data_errors.o_data_error import ODataError
from msgraph.generated.teams.item.channels.item.messages.item.set_reaction.set_reaction_post_request_body import (
    SetReactionPostRequestBody,
)
from msgraph.generated.teams.item.channels.item.messages.messages_request_builder import MessagesRequestBuilder

from worker.sandbox.teams.content import Content
from worker.sandbox.teams.shown_messages import MOST_EXPANDED

Query = MessagesRequestBuilder.MessagesRequestBuilderGetQueryParameters


@pytest.fixture
async def channel(served):
    return await served.channel()


@pytest.fixture(params=["root", "reply"])
async def own(request, served, channel):
    """A message that the signed-in person wrote, as the path below the team's, and its id."""
    root = (await served.say(channel, body={"content": "first"})).json()["id"]
    path = f"{served.team_path}/channels/{channel}/messages/{root}"
    if request.param == "root":
        return path
    reply = await served.http.post(f"{path}/replies", json={"body": {"content": "an answer"}}, headers=served.person)
    return f"{path}/replies/{reply.json()['id']}"


async def test_an_own_message_is_changed_and_deleted(served, own):
    """With the moment of each, and the words gone at the end."""
    changed = await served.http.patch(own, json={"body": {"content": "other"}}, headers=served.person)
    after = (await served.http.get(own)).json()
    deleted = await served.http.post(f"{own}/softDelete", headers=served.person)
    gone = (await served.http.get(own)).json()
    again = await served.http.post(f"{own}/softDelete", headers=served.person)

    assert [changed.status_code, deleted.status_code, again.status_code] == [204, 204, 404]
    assert (after["body"]["content"], after["lastEditedDateTime"] is None) == ("other", False)
    assert (gone["body"]["content"], gone["deletedDateTime"] is None) == ("", False)


@pytest.mark.parametrize("act", ["softDelete", "setReaction", ""])
async def test_an_application_changes_nothing(served, own, act):
    """Nor does it react: that is for people."""
    method, path = ("POST", f"{own}/{act}") if act else ("PATCH", own)
    answer = await served.http.request(method, path, json={"reactionType": "like", "body": {"content": "x"}})

    assert answer.status_code == 403


async def test_a_person_reacts_and_takes_it_back(served, own):
    """Each reaction once."""
    for _ in range(2):
        await served.http.post(f"{own}/setReaction", json={"reactionType": "💘"}, headers=served.person)
    reacted = (await served.http.get(own)).json()["reactions"]
    await served.http.post(f"{own}/unsetReaction", json={"reactionType": "💘"}, headers=served.person)

    assert [each["reactionType"] for each in reacted] == ["💘"]
    assert (await served.http.get(own)).json()["reactions"] == []


async def test_a_reaction_has_a_kind(served, own):
    """A body without one is refused."""
    answer = await served.http.post(f"{own}/setReaction", json={}, headers=served.person)

    assert answer.status_code == 400


async def test_a_reply_is_found_below_its_own_root_alone(served, channel):
    """Below another it is not there."""
    one, other = [(await served.say(channel, body={"content": text})).json()["id"] for text in ("one", "other")]
    path = f"{served.team_path}/channels/{channel}/messages"
    reply = await served.http.post(f"{path}/{one}/replies", json={"body": {"content": "x"}}, headers=served.person)

    assert (await served.http.get(f"{path}/{one}/replies/{reply.json()['id']}")).status_code == 200
    assert (await served.http.get(f"{path}/{other}/replies/{reply.json()['id']}")).status_code == 404


async def test_more_replies_than_fit_have_a_link_of_their_own(app, served, channel):
    """A root is shown with a thousand of its replies; the link leads to the others, and none is shown twice."""
    root = (await served.say(channel, body={"content": "root"})).json()["id"]
    content = Content({"contentType": "html", "content": "x"})
    of = served.teams.channels.get(channel)
    made = [served.teams.post(of, content, {}, reply_to=root).id for _ in range(MOST_EXPANDED + 60)]
    query = RequestConfiguration(query_parameters=Query(expand=["replies"]))
    listing = app.teams.by_team_id(served.world.team_id).channels.by_channel_id(channel).messages
    shown = (await listing.get(query)).value[0]
    found = [reply.id for reply in shown.replies]
    link = shown.additional_data["replies@odata.nextLink"]
    while link:
        page = (await served.http.get(link)).json()
        found += [reply["id"] for reply in page["value"]]
        link = page.get("@odata.nextLink")

    assert sorted(found) == made


async def test_messages_are_read_with_the_grant_alone(app, served, channel):
    """An application without it is refused by every way to read them; a person is not."""
    root = (await served.say(channel, body={"content": "root"})).json()["id"]
    await served.act("grants", **{"ChannelMessage.Read.Group": False})
    path = f"{served.team_path}/channels/{channel}/messages"
    ways = (path, f"{path}/delta", f"{path}/{root}", f"{path}/{root}/replies")

    assert [(await served.http.get(way)).status_code for way in ways] == [403] * 4
    assert [(await served.http.get(way, headers=served.person)).status_code for way in ways] == [200] * 4
    with pytest.raises(ODataError, match=r"ChannelMessage\.Read\.Group"):
        await app.teams.by_team_id(served.world.team_id).channels.by_channel_id(channel).messages.get()


async def test_the_sdk_reacts(person, served, channel):
    """Microsoft's own client sets a reaction that is then read."""
    root = (await served.say(channel, body={"content": "root"})).json()["id"]
    listing = person.teams.by_team_id(served.world.team_id).channels.by_channel_id(channel).messages
    await listing.by_chat_message_id(root).set_reaction.post(SetReactionPostRequestBody(reaction_type="📌"))

    assert (await listing.by_chat_message_id(root).get()).reactions[0].reaction_type == "📌"
