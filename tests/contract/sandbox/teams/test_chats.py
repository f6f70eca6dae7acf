"""Chats of single people with the bot: opened and written through the connector, read back through Graph."""

import json
from datetime import timedelta

import pytest

CARD = {"type": "AdaptiveCard", "version": "1.4", "body": [{"type": "TextBlock", "text": "Checkout is down"}]}
ACTIVITY = {
    "type": "message",
    "attachments": [{"contentType": "application/vnd.microsoft.card.adaptive", "content": CARD}],
}


async def start(served, member, **more):
    wish = {
        "bot": {"id": f"28:{served.world.bot_app_id}"},
        "members": [{"id": member}],
        "tenantId": served.world.tenant_id,
        "isGroup": False,
    }
    return await served.http.post("/bot/v3/conversations", json=wish | more)


async def write(served, conversation, activity=ACTIVITY):
    return await served.http.post(f"/bot/v3/conversations/{conversation}/activities", json=activity)


async def told(served, person, activity=ACTIVITY):
    """The ids of a chat and of the message written into it."""
    conversation = (await start(served, person.entra_id)).json()["id"]
    return conversation, (await write(served, conversation, activity)).json()["id"]


def graph_chat(served, person):
    return f"/graph/v1.0/chats/19:{person.entra_id}_{served.world.bot_app_id}@unq.gbl.spaces/messages"


async def read(served, person, **query):
    return (await served.http.get(graph_chat(served, person), params=query)).json()["value"]


@pytest.fixture
def amara(served):
    return served.world.people[0]


@pytest.fixture
def blocker(served):
    return next(person for person in served.world.people if person.blocks_bot)


async def test_a_person_has_one_chat_with_the_bot(served, amara):
    """However often it is asked for, and by whichever id, the conversation is the same."""
    bots_own = f"29:1{amara.entra_id.replace('-', '')}"

    answers = [await start(served, member) for member in (amara.entra_id, bots_own, amara.entra_id)]

    assert [answer.status_code for answer in answers] == [201] * 3
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert answers[0].json()["id"] != (await start(served, served.world.people[1].entra_id)).json()["id"]


async def test_what_the_bot_writes_is_read_back_by_the_application(served, amara, conforms):
    """The message is in the chat of that person alone, as a message of Graph's own kind."""
    _, activity = await told(served, amara)

    (message,) = await read(served, amara)
    conforms(message, "chatMessage")
    assert message["id"] == activity
    assert message["chatId"] == f"19:{amara.entra_id}_{served.world.bot_app_id}@unq.gbl.spaces"
    assert message["from"]["application"]["id"] == served.world.bot_app_id
    assert json.loads(message["attachments"][0]["content"]) == CARD


async def test_a_chat_is_listed_newest_first_in_pages(served, amara):
    """Each page holds as many as asked for, and leads to the older ones."""
    written = [(await told(served, amara))[1] for _ in range(3)]

    first = (await served.http.get(graph_chat(served, amara), params={"$top": 2})).json()
    second = (await served.http.get(first["@odata.nextLink"])).json()

    assert [message["id"] for message in first["value"] + second["value"]] == written[::-1]
    assert "@odata.nextLink" not in second


async def test_a_chat_that_nobody_began_is_not_there(served, amara):
    """Graph knows no chat before the bot opened it, and the connector none that it never named."""
    assert (await served.http.get(graph_chat(served, amara))).status_code == 404
    assert (await write(served, "a:1none")).status_code == 404


async def test_a_chat_lags_like_a_channel(served, amara):
    """Told that look-ups lag, Graph does not list a message until it is old enough."""
    await told(served, amara)
    fault = {"system": "graph", "behaviour": "lag", "seconds": 30}
    assert (await served.http.post("/sandbox/faults", json=fault)).status_code == 201

    assert await read(served, amara) == []
    served.clock.move(timedelta(seconds=31))
    assert len(await read(served, amara)) == 1


@pytest.mark.parametrize("by", ["email", "nobody"])
async def test_a_chat_is_with_somebody_by_id_alone(served, amara, by):
    """An e-mail address and an id that is nobody's are a 400."""
    member = amara.email if by == "email" else "e0000000-0000-4000-8000-00000000000f"

    answer = await start(served, member)

    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "BadSyntax")


@pytest.mark.parametrize("members", [[], [{"id": "a"}, {"id": "b"}], [{}], "x"])
async def test_a_chat_is_with_one_person(served, members):
    """Nobody, two people and what has no id are a 400."""
    assert (await start(served, "", members=members)).status_code == 400


async def test_a_person_without_the_app_has_no_chat(served, amara):
    """Outside the team, or when the bot is in none, the answer is 403 BotNotInConversationRoster."""
    outsider = next(person for person in served.world.people if not person.in_team)
    conversation, _ = await told(served, amara)

    refused = [await start(served, outsider.entra_id)]
    served.bot.installed = False
    refused += [await start(served, amara.entra_id), await write(served, conversation)]

    assert {answer.status_code for answer in refused} == {403}
    assert {answer.json()["error"]["code"] for answer in refused} == {"BotNotInConversationRoster"}
    assert len(await read(served, amara)) == 1


async def test_a_person_who_blocked_the_bot_gets_nothing(served, blocker):
    """The chat can be opened; writing into it is a 403 with Teams' code and sub-code."""
    conversation = (await start(served, blocker.entra_id)).json()["id"]

    answers = [await write(served, conversation), await start(served, blocker.entra_id, activity=ACTIVITY)]

    for answer in answers:
        assert answer.status_code == 403
        assert answer.json()["error"]["code"] == "ConversationBlockedByUser"
        assert answer.json()["error"]["subCode"] == "MessageWritesBlocked"
    assert await read(served, blocker) == []


async def test_a_chat_may_be_opened_with_its_first_message(served, amara):
    """An activity in the opening call is posted, and both ids are answered."""
    answer = (await start(served, amara.entra_id, activity=ACTIVITY)).json()

    (message,) = await read(served, amara)
    assert answer == {"id": (await start(served, amara.entra_id)).json()["id"], "activityId": message["id"]}


async def test_a_text_and_a_card_are_two_messages_here_too(served, amara):
    """The connector splits what it is sent for a chat as for a channel, and tells no id."""
    conversation = (await start(served, amara.entra_id)).json()["id"]

    answer = await write(served, conversation, ACTIVITY | {"text": "Wake up"})

    assert (answer.status_code, answer.json()) == (202, {})
    assert len(await read(served, amara)) == 2


async def test_the_bot_edits_and_deletes_what_it_wrote(served, amara):
    """A message in a chat is changed in place, then is without content, and then is not there to be changed."""
    conversation, activity = await told(served, amara)
    address = f"/bot/v3/conversations/{conversation}/activities/{activity}"

    edited = await served.http.put(address, json={"type": "message", "text": "All is well"})
    (after_edit,) = await read(served, amara)
    deleted = await served.http.delete(address)
    (after_deletion,) = await read(served, amara)

    assert (edited.json(), after_edit["body"]["content"]) == ({"id": activity}, "<p>All is well</p>")
    assert deleted.status_code == 200
    assert (after_deletion["body"]["content"], after_deletion["deletedDateTime"] is None) == ("", False)
    assert (await served.http.put(address, json={"type": "message", "text": "x"})).status_code == 404
    assert (await served.http.delete(f"/bot/v3/conversations/{conversation}/activities/17")).status_code == 404


async def test_the_members_of_a_chat_are_its_person(served, amara):
    """Asked who is in a chat, the connector names nobody else."""
    conversation = (await start(served, amara.entra_id)).json()["id"]

    page = (await served.http.get(f"/bot/v3/conversations/{conversation}/pagedmembers")).json()

    assert [member["objectId"] for member in page["members"]] == [amara.entra_id]


async def test_chats_survive_a_restart(restartable):
    """A restarted sandbox has the chats with all that was written, and shows them in its state."""
    async with restartable() as before:
        person = before.world.people[0]
        conversation, activity = await told(before, person)
        state = before.teams.state()["chats"]

    async with restartable() as after:
        assert after.teams.state()["chats"] == state
        (chat,) = state
        assert (chat["person"], chat["email"]) == (person.entra_id, person.email)
        assert [message["id"] for message in chat["messages"]] == [activity]
        assert (await write(after, conversation)).status_code == 201
