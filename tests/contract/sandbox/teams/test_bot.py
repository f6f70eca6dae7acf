"""The Bot Connector's conversation call, and how what it posts is read back through Graph."""

import json

import pytest
from kiota_abstractions.base_request_configuration import RequestConfiguration
from msgraph.generated.teams.item.channels.item.messages.messages_request_builder import MessagesRequestBuilder

CARD = {"type": "AdaptiveCard", "version": "1.4", "body": [{"type": "TextBlock", "text": "Checkout is down"}]}
ATTACHMENT = {"contentType": "application/vnd.microsoft.card.adaptive", "content": CARD}


def conversation(served, channel, **activity):
    return {
        "isGroup": True,
        "bot": {"id": f"28:{served.world.bot_app_id}"},
        "channelData": {"channel": {"id": channel}},
        "tenantId": served.world.tenant_id,
        "activity": {"type": "message", "text": "Checkout is down", **activity},
    }


def card_alone(**more):
    return {"text": None, "attachments": [ATTACHMENT], **more}


async def start(served, channel, **activity):
    return await served.http.post("/bot/v3/conversations", json=conversation(served, channel, **activity))


async def listed(served, graph, channel):
    query = MessagesRequestBuilder.MessagesRequestBuilderGetQueryParameters(top=50)
    messages = graph.teams.by_team_id(served.world.team_id).channels.by_channel_id(channel).messages
    return (await messages.get(RequestConfiguration(query_parameters=query))).value


async def test_a_bot_posts_where_an_application_may_not(app, served):
    """The call answers 201 with conversation and activity id, and Graph lists the message as the application's."""
    channel = await served.channel()

    answer = await start(served, channel)

    (message,) = await listed(served, app, channel)
    assert answer.status_code == 201
    assert answer.json() == {"id": f"{channel};messageid={message.id}", "activityId": message.id}
    assert message.from_.application.id == served.world.bot_app_id
    assert message.from_.user is None
    assert message.body.content == "<p>Checkout is down</p>"


async def test_a_card_is_read_back_as_a_json_string_behind_its_marker(app, served, conforms):
    """The service chooses the attachment's id, puts its marker into the body and keeps the card as it was."""
    channel = await served.channel()
    await start(served, channel, **card_alone())

    (message,) = await listed(served, app, channel)
    (attachment,) = message.attachments
    assert f'<attachment id="{attachment.id}"></attachment>' in message.body.content
    assert json.loads(attachment.content) == CARD
    raw = await served.http.get(f"{served.team_path}/channels/{channel}/messages/{message.id}")
    conforms(raw.json(), "chatMessage")


async def test_a_text_and_a_card_become_two_messages_of_which_nobody_is_told_the_ids(app, served):
    """Beside a card, a text is a message of its own, before it; the answer is 202 and an empty object."""
    channel = await served.channel()

    answer = await start(served, channel, attachments=[ATTACHMENT])

    card, text = await listed(served, app, channel)
    assert (answer.status_code, answer.json()) == (202, {})
    assert (text.body.content, text.attachments) == ("<p>Checkout is down</p>", [])
    assert [json.loads(attachment.content) for attachment in card.attachments] == [CARD]
    assert "Checkout" not in card.body.content


async def test_so_they_do_as_an_answer_in_a_thread(served):
    """An activity posted into a conversation is split as one that starts it, and each part is a reply."""
    channel = await served.channel()
    posted = (await start(served, channel, **card_alone())).json()

    answer = await served.http.post(
        f"/bot/v3/conversations/{posted['id']}/activities",
        json={"type": "message", "text": "more", "attachments": [ATTACHMENT]},
    )

    assert (answer.status_code, answer.json()) == (202, {})
    first = served.teams.messages.get(channel, posted["activityId"])
    assert len(served.teams.messages.replies(first)) == 2


@pytest.mark.parametrize(
    ("layout", "status", "messages"), [(None, 202, 2), ("list", 202, 2), ("carousel", 201, 1)], ids=str
)
async def test_several_cards_are_one_message_in_a_carousel_alone(served, layout, status, messages):
    """A list of cards is split like a text and a card; cards to leaf through stay together."""
    channel = await served.channel()

    answer = await start(served, channel, **card_alone(attachments=[ATTACHMENT] * 2, attachmentLayout=layout))

    posted = served.teams.messages.of_channel(channel)
    assert (answer.status_code, len(posted)) == (status, messages)
    assert sum(len(message.content.attachments) for message in posted) == 2


async def test_a_mention_is_in_the_part_that_calls_the_name(served):
    """After a split the text's mention is the text's, and the card's own is the card's."""
    channel, (amara, bruno, *_) = await served.channel(), served.world.people
    entities = [
        {"type": "mention", "text": f"<at>{person.name}</at>", "mentioned": {"id": person.entra_id}}
        for person in (amara, bruno)
    ]
    card = CARD | {"msteams": {"entities": entities[1:]}}

    await start(
        served,
        channel,
        text=f"<at>{amara.name}</at>",
        entities=entities[:1],
        attachments=[ATTACHMENT | {"content": card}],
    )

    mentioned = [
        [mention["mentioned"]["user"]["id"] for mention in message.content.mentions]
        for message in served.teams.messages.of_channel(channel)
    ]
    assert mentioned == [[amara.entra_id], [bruno.entra_id]]


async def test_an_edit_that_would_be_several_messages_is_refused(served):
    """A PUT of a text and a card is a 400, and the message keeps what it said."""
    channel = await served.channel()
    posted = (await start(served, channel, **card_alone())).json()
    before = served.teams.messages.of_channel(channel)

    answer = await served.http.put(
        f"/bot/v3/conversations/{posted['id']}/activities/{posted['activityId']}",
        json={"type": "message", "text": "All is well", "attachments": [ATTACHMENT]},
    )

    assert answer.status_code == 400
    assert answer.json()["error"] == {
        "code": "BadSyntax",
        "message": "Activity resulted into multiple skype activities",
    }
    assert served.teams.messages.of_channel(channel) == before


async def test_a_message_may_be_posted_and_its_id_not_told(served):
    """Told to answer a success after applying, the connector has posted one message and names none."""
    channel = await served.channel()
    fault = {"system": "bot", "behaviour": "apply-then-status", "status": 202, "body": {}}
    assert (await served.http.post("/sandbox/faults", json=fault)).status_code == 201

    answer = await start(served, channel, **card_alone())

    assert (answer.status_code, answer.json()) == (202, {})
    assert len(served.teams.messages.of_channel(channel)) == 1


async def test_a_bots_text_is_text(app, served):
    """Markup in a bot's text is shown, not obeyed."""
    channel = await served.channel()
    await start(served, channel, text="<script>alert(1)</script> & more\n\nnext")

    (message,) = await listed(served, app, channel)
    assert message.body.content == "<p>&lt;script&gt;alert(1)&lt;/script&gt; &amp; more</p><p>next</p>"


async def test_an_address_in_a_bots_text_becomes_a_link(app, served):
    """A bare web address is a link, without the punctuation after it and without what could leave the tag."""
    channel = await served.channel()
    await start(served, channel, text='See https://x.example/?a=1&b=2. "https://x.example/\'><script>"')

    (message,) = await listed(served, app, channel)
    assert message.body.content == (
        '<p>See <a href="https://x.example/?a=1&amp;b=2">https://x.example/?a=1&amp;b=2</a>. '
        '"<a href="https://x.example/">https://x.example/</a>\'&gt;&lt;script&gt;"</p>'
    )


async def test_a_bots_summary_is_for_the_notification(app, served):
    """The activity's summary is the message's summary; bots give no subject."""
    channel = await served.channel()
    await start(served, channel, summary="Checkout is down", importance="high")

    (message,) = await listed(served, app, channel)
    assert (message.summary, message.subject, message.importance.value) == ("Checkout is down", None, "high")


@pytest.mark.parametrize("by", ["entra_id", "email"])
async def test_a_mention_in_a_card_is_known_to_graph(app, served, by):
    """A card's mention of a member, by object id or principal name, is among the message's mentions."""
    channel, amara = await served.channel(), served.world.people[0]
    entity = {"type": "mention", "text": "<at>Amara</at>", "mentioned": {"id": getattr(amara, by), "name": "A"}}
    card = CARD | {"msteams": {"entities": [entity]}}
    await start(served, channel, text=None, attachments=[ATTACHMENT | {"content": card}])

    (message,) = await listed(served, app, channel)
    assert [mention.mentioned.user.id for mention in message.mentions] == [amara.entra_id]


async def test_a_mention_in_the_text_is_marked(app, served):
    """The text's `<at>` becomes Graph's numbered marker when an entity says who is meant."""
    channel, amara = await served.channel(), served.world.people[0]
    entity = {"type": "mention", "text": "<at>Amara</at>", "mentioned": {"id": amara.entra_id}}
    await start(served, channel, text="<at>Amara</at> and <at>Nobody</at>", entities=[entity])

    (message,) = await listed(served, app, channel)
    assert message.body.content == '<p><at id="0">Amara</at> and Nobody</p>'


async def test_somebody_outside_the_team_stays_plain_text(app, served):
    """A bot's mention of a person who is not in the team notifies nobody and refuses nothing."""
    channel = await served.channel()
    outsider = next(person for person in served.world.people if not person.in_team)
    entity = {"type": "mention", "text": "<at>Edda</at>", "mentioned": {"id": outsider.entra_id}}

    answer = await start(served, channel, text="<at>Edda</at>", entities=[entity])

    (message,) = await listed(served, app, channel)
    assert answer.status_code == 201
    assert (message.mentions, message.body.content) == ([], "<p>Edda</p>")


async def test_a_bot_that_is_not_installed_is_turned_away(served):
    """Without the app in the team the answer is 403 BotNotInConversationRoster."""
    channel = await served.channel()
    served.bot.installed = False

    answer = await start(served, channel)

    assert answer.status_code == 403
    assert answer.json()["error"]["code"] == "BotNotInConversationRoster"
    assert served.teams.messages.of_channel(channel) == []


async def test_an_unknown_channel_is_a_404(served):
    """A channel that is not there, or no longer there, is not found."""
    gone = await served.channel()
    await served.http.delete(f"{served.team_path}/channels/{gone}")

    assert (await start(served, "19:none@thread.tacv2")).status_code == 404
    assert (await start(served, gone)).status_code == 404


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"bot": {"id": "28:somebody-else"}}, 403),
        ({"bot": {}}, 400),
        ({"tenantId": "another"}, 403),
        ({"isGroup": False}, 400),
        ({"channelData": {}}, 400),
        ({"channelData": {"channel": {"id": 5}}}, 400),
        ({"activity": None}, 400),
        ({"activity": {"type": "typing"}}, 400),
        ({"activity": {"type": "message"}}, 400),
        ({"activity": {"type": "message", "attachments": "x"}}, 400),
        ({"activity": {"type": "message", "attachments": [{}]}}, 400),
        ({"activity": {"type": "message", "attachments": [ATTACHMENT | {"content": "{}"}]}}, 400),
        ({"activity": {"type": "message", "attachments": [ATTACHMENT | {"content": {"type": "x"}}]}}, 400),
        ({"activity": {"type": "message", "text": "x", "entities": [{"type": "mention"}]}}, 400),
    ],
)
async def test_what_the_connector_does_not_take_is_refused(served, change, status):
    """Another bot's id, another tenant and requests of the wrong shape are answered with the connector's error."""
    channel = await served.channel()
    answer = await served.http.post("/bot/v3/conversations", json=conversation(served, channel) | change)

    assert answer.status_code == status
    assert set(answer.json()["error"]) == {"code", "message"}
    assert served.teams.messages.of_channel(channel) == []


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"[" * 9000])
async def test_bodies_that_are_no_json_object_are_refused(served, body):
    """Broken JSON and deep nesting are a 400."""
    assert (await served.http.post("/bot/v3/conversations", content=body)).status_code == 400


async def test_a_message_beyond_28_kilobytes_is_refused(served):
    """An activity that is too large is a 413 before anything is posted."""
    channel = await served.channel()

    answer = await start(served, channel, text="x" * 28 * 1024)

    assert (answer.status_code, answer.json()["error"]["code"]) == (413, "MessageSizeTooBig")


async def test_an_archived_channel_takes_nothing_from_a_bot(served):
    """A bot cannot post into an archived channel."""
    channel = await served.channel()
    await served.archive(channel)

    assert (await start(served, channel)).status_code == 403


async def test_a_bot_edits_its_own_message(app, served):
    """After a PUT the same message has the new content and says that it was edited."""
    channel = await served.channel()
    posted = (await start(served, channel)).json()

    answer = await served.http.put(
        f"/bot/v3/conversations/{posted['id']}/activities/{posted['activityId']}",
        json={"type": "message", "text": "All is well"},
    )

    (message,) = await listed(served, app, channel)
    assert answer.json() == {"id": posted["activityId"]}
    assert message.body.content == "<p>All is well</p>"
    assert message.last_edited_date_time is not None


async def test_whom_a_change_mentions_is_not_notified(served):
    """What the sandbox tells of a message: those whom it mentioned as it was posted."""
    channel, (amara, bruno) = await served.channel(), served.world.people[:2]

    def calling(person):
        entity = {"type": "mention", "text": f"<at>{person.name}</at>", "mentioned": {"id": person.entra_id}}
        return {"text": f"<at>{person.name}</at>", "entities": [entity]}

    posted = (await start(served, channel, **calling(amara))).json()
    await served.http.put(
        f"/bot/v3/conversations/{posted['id']}/activities/{posted['activityId']}",
        json={"type": "message", **calling(bruno)},
    )

    [message] = [each for kept in served.teams.state()["channels"] for each in kept["messages"] if each["mentions"]]
    assert [each["mentioned"]["user"]["displayName"] for each in message["mentions"]] == [bruno.name]
    assert message["notified"] == [amara.name]


async def test_a_bot_deletes_its_own_message(app, served):
    """A deleted message is listed without content, and cannot be deleted twice."""
    channel = await served.channel()
    posted = (await start(served, channel)).json()
    address = f"/bot/v3/conversations/{channel}/activities/{posted['activityId']}"

    assert (await served.http.delete(address)).status_code == 200
    assert (await served.http.delete(address)).status_code == 404
    (message,) = await listed(served, app, channel)
    assert message.deleted_date_time is not None
    assert message.body.content == ""


async def test_a_bot_cannot_change_what_others_wrote(served):
    """A person's message is not the bot's to edit or delete."""
    channel = await served.channel()
    message = (await served.say(channel, body={"content": "mine"})).json()["id"]

    address = f"/bot/v3/conversations/{channel}/activities/{message}"
    edited = await served.http.put(address, json={"type": "message", "text": "yours"})
    deleted = await served.http.delete(address)

    assert (edited.status_code, deleted.status_code) == (403, 403)
    assert served.teams.messages.get(channel, message).content.body["content"] == "mine"


async def test_a_bot_edits_nothing_that_is_not_there(served):
    """A message that was deleted, one that never was, and one in an archived channel keep what they say."""
    channel = await served.channel()
    posted = (await start(served, channel)).json()
    address = f"/bot/v3/conversations/{channel}/activities"
    words = {"type": "message", "text": "All is well"}

    gone = (await start(served, channel)).json()
    await served.http.delete(f"{address}/{gone['activityId']}")
    await served.archive(channel)
    archived = await served.http.put(f"{address}/{posted['activityId']}", json=words)
    deleted = await served.http.put(f"{address}/{gone['activityId']}", json=words)
    unknown = await served.http.put(f"{address}/17", json=words)

    assert [answer.status_code for answer in (archived, deleted, unknown)] == [403, 404, 404]
    kept = [served.teams.messages.get(channel, each["activityId"]).content.body["content"] for each in (posted, gone)]
    assert kept == ["<p>Checkout is down</p>", ""]


async def test_a_bot_answers_in_a_thread(person, served):
    """An activity sent to a conversation with a message id is a reply to that message."""
    channel = await served.channel()
    posted = (await start(served, channel)).json()

    answer = await served.http.post(
        f"/bot/v3/conversations/{posted['id']}/activities", json={"type": "message", "text": "more"}
    )

    (message,) = await listed(served, person, channel)
    replies = served.teams.messages.replies(served.teams.messages.get(channel, message.id))
    assert [reply.id for reply in replies] == [answer.json()["id"]]


async def test_a_restarted_sandbox_still_has_what_the_bot_posted(restartable):
    """The bot's last message is there after a restart, although it was the bot's call that made it."""
    async with restartable() as before:
        channel = await before.channel()
        await start(before, channel)
        state = before.teams.state()

    async with restartable() as after:
        assert after.teams.state() == state


async def test_a_restarted_sandbox_still_knows_whether_the_bot_is_installed(restartable):
    """A bot that was not in the team before a restart is not in it after."""
    async with restartable() as before:
        before.bot.installed = False
        await before.channel()
        state = before.bot.state()

    async with restartable() as after:
        assert after.bot.installed is False
        assert after.bot.state() == state
