"""People talking in a channel because somebody who plays the sandbox has them talk."""

import json
import re
from pathlib import Path

import pytest

AMARA, BRUNO = "amara@contoso.example", "bruno@contoso.example"


PAGE = (Path(__file__).parents[4] / "docs" / "sandbox.md").read_text()


@pytest.fixture
async def channel(served):
    return await served.channel()


async def messages(served, channel):
    answer = await served.http.get(f"{served.team_path}/channels/{channel}/messages?$expand=replies")
    return answer.json()["value"]


async def test_a_conversation_is_played(served, channel, conforms):
    """Written with a mention and a file, answered, changed and reacted to: all of it as Graph shows it."""
    files = [{"name": "graph.png", "url": "https://contoso.example/graph.png"}]
    said = await served.act(
        "say", channel="inc-2041-checkout", person=AMARA, text="look <here>", mentions=[BRUNO], files=files
    )
    of = {"channel": channel, "message": said.json()["id"], "person": BRUNO}
    reply = await served.act("say", channel=channel, person=BRUNO, html="<b>on it</b>", reply_to=said.json()["id"])
    for reaction in ("like", "like", "📌"):
        await served.act("react", reaction=reaction, **of)
    await served.act("unreact", reaction="like", **of)
    await served.act("edit", text="on it already", channel=channel, message=reply.json()["id"])

    (root,) = await messages(served, channel)
    (answer,) = root["replies"]
    conforms(root, "chatMessage")
    conforms(answer, "chatMessage")
    bruno = served.world.people[1]
    assert root["from"]["user"]["displayName"] == "Amara Okafor"
    assert root["mentions"][0]["mentioned"]["user"]["id"] == bruno.entra_id
    assert [(each["name"], each["contentType"]) for each in root["attachments"]] == [("graph.png", "reference")]
    assert "look &lt;here&gt;" in root["body"]["content"]
    assert [(each["reactionType"], each["user"]["user"]["id"]) for each in root["reactions"]] == [
        ("📌", bruno.entra_id)
    ]
    assert root["lastEditedDateTime"] is None
    assert (answer["replyToId"], answer["body"]["content"]) == (root["id"], "on it already")
    assert answer["lastEditedDateTime"] > answer["createdDateTime"]


async def test_each_example_of_the_page_is_an_act(served):
    """They can be typed as they stand, one after the other, with the id that the first one tells."""
    examples = re.findall(r"^\$ curl -d '(\{.*\})' \$SANDBOX/sandbox/teams/([a-z-]+)$", PAGE, re.MULTILINE)
    assert len(examples) == len(re.findall(r"^\$ curl .*/sandbox/teams/", PAGE, re.MULTILINE)) > 0
    told = "1767225600000"
    for example, act in examples:
        answer = await served.act(act, **json.loads(example.replace("1767225600000", told)))
        assert answer.status_code == 200, answer.text
        told = answer.json().get("id", told) if told == "1767225600000" else told


async def test_a_deleted_message_leaves_its_place(served, channel):
    """It stands in the list without its words, with the moment at which it went; nothing more is done to it."""
    said = (await served.act("say", channel=channel, person=AMARA, text="secret")).json()["id"]
    await served.act("delete", channel=channel, message=said)
    again = await served.act("react", channel=channel, message=said, person=AMARA, reaction="like")

    (message,) = await messages(served, channel)
    assert (message["id"], message["body"]["content"], bool(message["deletedDateTime"])) == (said, "", True)
    assert again.status_code == 404


async def test_a_rename_and_a_new_member_are_told_by_teams_itself(served, channel, app, conforms):
    """As events of nobody's, named by their kind to those alone who say that they know it."""
    await served.http.patch(f"{served.team_path}/channels/{channel}", json={"displayName": "inc-2041"})
    edda = next(person for person in served.world.people if not person.in_team)
    body = {"user@odata.bind": f"https://graph.microsoft.com/v1.0/users('{edda.entra_id}')"}
    added = (await served.http.post(f"{served.team_path}/members", json=body)).json()
    await served.http.delete(f"{served.team_path}/members/{added['id']}")
    general = served.teams.primary_channel.id

    (renamed,) = await messages(served, channel)
    removed, joined = await messages(served, general)
    for event in (renamed, joined, removed):
        conforms(event, "chatMessage")
        assert (event["from"], event["messageType"]) == (None, "unknownFutureValue")
    assert renamed["eventDetail"]["channelDisplayName"] == "inc-2041"
    assert [joined["eventDetail"]["members"][0]["id"], removed["eventDetail"]["members"][0]["id"]] == [
        edda.entra_id
    ] * 2
    address = f"{served.team_path}/channels/{channel}/messages"
    bold = await served.http.get(address, headers={"Prefer": "include-unknown-enum-members"})
    assert bold.json()["value"][0]["messageType"] == "systemEventMessage"
    read = await app.teams.by_team_id(served.world.team_id).channels.by_channel_id(channel).messages.get()
    assert read.value[0].event_detail.channel_display_name == "inc-2041"


async def test_a_conversation_survives_a_restart(restartable):
    """Reactions and events too, and what the delta link of before leads to."""
    async with restartable() as before:
        channel = await before.channel()
        said = (await before.act("say", channel=channel, person=AMARA, text="first")).json()["id"]
        await before.act("react", channel=channel, message=said, person=BRUNO, reaction="📌")
        await before.http.patch(f"{before.team_path}/channels/{channel}", json={"displayName": "renamed"})
        state = before.teams.state()

    async with restartable() as after:
        assert after.teams.state() == state
        later = await after.act("say", channel="renamed", person=AMARA, text="later")
        assert later.json()["createdDateTime"] > state["channels"][1]["messages"][-1]["createdDateTime"]


@pytest.mark.parametrize(
    ("act", "wish", "status", "word"),
    [
        ("say", {}, 400, "channel"),
        ("say", {"channel": "nowhere", "person": AMARA, "text": "x"}, 404, "nowhere"),
        ("say", {"channel": "inc", "person": "gone@contoso.example", "text": "x"}, 404, "gone@"),
        ("say", {"channel": "inc", "person": AMARA}, 400, "text"),
        ("say", {"channel": "inc", "person": AMARA, "text": "x", "reply_to": "17"}, 404, "17"),
        ("say", {"channel": "inc", "person": AMARA, "text": "x", "team": "other"}, 404, "other"),
        ("say", {"channel": "inc", "person": AMARA, "text": "x", "mentions": "Bruno"}, 400, "mentions"),
        ("say", {"channel": "inc", "person": AMARA, "text": "x", "mentions": ["edda@contoso.example"]}, 400, "member"),
        ("say", {"channel": "inc", "person": AMARA, "text": "x", "files": [{"name": "a"}]}, 400, "url"),
        ("edit", {"channel": "inc", "message": "17", "text": "x"}, 404, "17"),
        ("react", {"channel": "inc", "message": "17", "person": AMARA, "reaction": "like"}, 404, "17"),
        ("grants", {"Everything.All": True}, 400, "TeamMember.ReadWrite.All"),
        ("grants", {"TeamMember.ReadWrite.All": "no"}, 400, "true or false"),
        ("archive-team", {"team": "nobody's"}, 404, "nobody's"),
        ("dance", {}, 404, "archive-team"),
    ],
)
async def test_what_cannot_be_played_is_refused_with_a_sentence(served, act, wish, status, word):
    """What is missing or unknown is named."""
    await served.channel("inc")
    answer = await served.act(act, **wish)

    assert (answer.status_code, word in answer.json()["error"]["message"]) == (status, True)


@pytest.mark.parametrize("body", [b"", b"[]", b"[" * 5_000, b"{" + b" " * 300_000])
async def test_a_body_that_is_no_object_is_refused(served, body):
    """Broken, too deep or too large."""
    assert (await served.http.post("/sandbox/teams/say", content=body)).status_code == 400
