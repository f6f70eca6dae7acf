"""Messages through the real Graph SDK: who may post, what is taken, how it is read back."""

import base64
import json
from datetime import timedelta

import pytest
from kiota_abstractions.base_request_configuration import RequestConfiguration
from msgraph.generated.models.body_type import BodyType
from msgraph.generated.models.chat_message import ChatMessage
from msgraph.generated.models.chat_message_attachment import ChatMessageAttachment
from msgraph.generated.models.chat_message_importance import ChatMessageImportance
from msgraph.generated.models.chat_message_mention import ChatMessageMention
from msgraph.generated.models.chat_message_mentioned_identity_set import ChatMessageMentionedIdentitySet
from msgraph.generated.models.identity import Identity
from msgraph.generated.models.item_body import ItemBody
from msgraph.generated.models.o_data_errors.o_data_error import ODataError
from msgraph.generated.teams.item.channels.item.messages.messages_request_builder import MessagesRequestBuilder

Query = MessagesRequestBuilder.MessagesRequestBuilderGetQueryParameters
CARD = {"type": "AdaptiveCard", "version": "1.4", "body": [{"type": "TextBlock", "text": "Checkout is down"}]}


def messages(graph, served, channel):
    return graph.teams.by_team_id(served.world.team_id).channels.by_channel_id(channel).messages


def html(content):
    return ChatMessage(body=ItemBody(content_type=BodyType.Html, content=content))


def announcement(served):
    """Everything that a launch puts into one message."""
    amara = served.world.people[0]
    message = html('<p><at id="0">Amara Okafor</at> is on call</p><attachment id="card-1"></attachment>')
    message.subject = "inc-2041 checkout"
    message.importance = ChatMessageImportance.High
    message.mentions = [
        ChatMessageMention(
            id=0,
            mention_text="Amara Okafor",
            mentioned=ChatMessageMentionedIdentitySet(user=Identity(id=amara.entra_id, display_name=amara.name)),
        )
    ]
    message.attachments = [
        ChatMessageAttachment(
            id="card-1",
            content_type="application/vnd.microsoft.card.adaptive",
            content=json.dumps(CARD),
        )
    ]
    return message


async def test_an_application_alone_may_not_post(app, served):
    """A message from an app-only token is refused with 401 and the sentence that Graph has for it."""
    channel = await served.channel()

    with pytest.raises(ODataError) as refused:
        await messages(app, served, channel).post(html("hello"))

    assert refused.value.response_status_code == 401
    assert refused.value.error.code == "Unauthorized"
    assert refused.value.error.message == (
        "Message POST is allowed in application-only context only for import purposes. Refer to "
        "https://docs.microsoft.com/microsoftteams/platform/graph-api/import-messages/"
        "import-external-messages-to-teams for more details."
    )
    assert served.teams.messages.of_channel(channel) == []


async def test_a_request_without_a_token_is_an_application(served):
    """No token speaks for no person."""
    channel = await served.channel()
    answer = await served.http.post(
        f"{served.team_path}/channels/{channel}/messages", json={"body": {"content": "hello"}}
    )

    assert answer.status_code == 401


def jwt(claims):
    def part(value):
        return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")

    return f"{part({'alg': 'none'})}.{part(claims)}.signature"


@pytest.mark.parametrize(
    ("token", "status"),
    [
        (jwt({"scp": "ChannelMessage.Send", "oid": "someone", "name": "Amara"}), 201),
        (jwt({"roles": ["Channel.Create"]}), 401),
        ("a.b.c", 401),
        ("...", 401),
        ("a." + "W" * 7001 + ".c", 401),
        ("sandbox-delegated-user", 201),
        ("sandbox-delegated-user-not", 401),
    ],
)
async def test_a_person_is_told_by_the_scopes_in_the_token(served, token, status):
    """A token with an `scp` claim speaks for a person; one with roles, or a broken one, does not."""
    channel = await served.channel()
    answer = await served.http.post(
        f"{served.team_path}/channels/{channel}/messages",
        json={"body": {"content": "hello"}},
        headers={"Authorization": f"Bearer {token}"},
    )

    assert answer.status_code == status


async def test_a_persons_message_is_kept_whole(person, served):
    """Subject, importance, mention, card and body come back, with an id of epoch milliseconds as a string."""
    channel = await served.channel()

    posted = await messages(person, served, channel).post(announcement(served))
    read = await messages(person, served, channel).by_chat_message_id(posted.id).get()

    assert posted.id == str(int(served.clock().timestamp() * 1000))
    assert read.subject == "inc-2041 checkout"
    assert read.importance is ChatMessageImportance.High
    assert read.body.content == announcement(served).body.content
    assert read.from_.user.display_name == "Incident Desk"
    assert read.mentions[0].mentioned.user.id == served.world.people[0].entra_id
    assert read.attachments[0].id == "card-1"
    assert json.loads(read.attachments[0].content) == CARD


async def test_messages_are_of_graphs_own_type(person, served, conforms):
    """Posted, read and listed messages hold no property that Graph's metadata does not know."""
    channel = await served.channel()
    posted = await messages(person, served, channel).post(announcement(served))
    path = f"{served.team_path}/channels/{channel}/messages"

    listed = await served.http.get(path, params={"$expand": "replies"})
    read = await served.http.get(f"{path}/{posted.id}")

    conforms(read.json(), "chatMessage")
    conforms(listed.json()["value"][0], "chatMessage")


async def test_every_message_has_an_id_of_its_own(person, served):
    """Messages of the same millisecond have different, growing ids."""
    channel = await served.channel()
    posted = [await messages(person, served, channel).post(html(str(n))) for n in range(3)]

    ids = [int(message.id) for message in posted]
    assert ids == sorted(set(ids))


async def test_the_list_is_newest_first_and_a_reply_brings_its_thread_up(person, served):
    """Threads are listed by their last change; replies are shown only when asked for."""
    channel = await served.channel()
    first, second = [await messages(person, served, channel).post(html(name)) for name in ("one", "two")]
    served.clock.move(timedelta(seconds=1))
    await messages(person, served, channel).by_chat_message_id(first.id).replies.post(html("answer"))

    plain = (await messages(person, served, channel).get()).value
    query = RequestConfiguration(query_parameters=Query(expand=["replies"]))
    expanded = (await messages(person, served, channel).get(query)).value
    replies = (await messages(person, served, channel).by_chat_message_id(first.id).replies.get()).value

    assert [message.id for message in plain] == [first.id, second.id]
    assert plain[0].replies is None
    assert [reply.body.content for reply in expanded[0].replies] == ["answer"]
    assert [reply.reply_to_id for reply in replies] == [first.id]


async def test_a_long_list_comes_in_pages(person, served):
    """`$top` bounds a page, and the next link leads through all messages exactly once."""
    channel = await served.channel()
    for number in range(5):
        await messages(person, served, channel).post(html(str(number)))

    page = await messages(person, served, channel).get(RequestConfiguration(query_parameters=Query(top=2)))
    seen = [message.body.content for message in page.value]
    while page.odata_next_link:
        page = await messages(person, served, channel).with_url(page.odata_next_link).get()
        seen += [message.body.content for message in page.value]

    assert seen == ["4", "3", "2", "1", "0"]


@pytest.mark.parametrize(
    "query",
    [
        {"$filter": "contains(subject,'inc')"},
        {"$orderby": "createdDateTime desc"},
        {"$select": "id"},
        {"$search": "inc"},
        {"$top": "51"},
        {"$top": "0"},
        {"$top": "-1"},
        {"$top": "many"},
        {"$top": "9" * 400},
        {"$expand": "hostedContents"},
        {"$skiptoken": "x"},
    ],
)
async def test_other_query_options_are_refused(served, query):
    """The SDK offers filters and orders for messages, and Graph refuses them."""
    channel = await served.channel()
    answer = await served.http.get(f"{served.team_path}/channels/{channel}/messages", params=query)

    assert answer.status_code == 400


async def test_a_message_beyond_28_kilobytes_is_refused(served):
    """A post is bounded with all its markup and cards: 413."""
    channel = await served.channel()

    assert (await served.say(channel, body={"content": "x" * 28 * 1024})).status_code == 413
    assert (await served.say(channel, body={"content": "x" * 27 * 1024})).status_code == 201


@pytest.mark.parametrize(
    "attachments",
    [
        [{"id": "other", "contentType": "application/vnd.microsoft.card.adaptive", "content": json.dumps(CARD)}],
        [{"contentType": "application/vnd.microsoft.card.adaptive", "content": json.dumps(CARD)}],
        [{"id": "card-1", "contentType": "application/vnd.microsoft.card.adaptive", "content": CARD}],
        [{"id": "card-1", "contentType": "application/vnd.microsoft.card.adaptive", "content": "{"}],
        [{"id": "card-1", "contentType": "application/vnd.microsoft.card.adaptive", "content": "[]"}],
        "card-1",
        ["card-1"],
    ],
)
async def test_an_attachment_that_the_body_does_not_point_at_is_refused(served, attachments):
    """Each attachment needs its marker in the body, and a card must be a JSON string."""
    channel = await served.channel()
    body = {"contentType": "html", "content": '<attachment id="card-1"></attachment>'}
    answer = await served.say(channel, body=body, attachments=attachments)

    assert answer.status_code == 400


def mention(number, user_id, text="Amara"):
    return {"id": number, "mentionText": text, "mentioned": {"user": {"id": user_id}}}


async def test_a_mention_without_its_marker_is_refused(served):
    """A mention that neither the body nor a card points at is a 400 in Graph's words."""
    channel = await served.channel()
    amara = served.world.people[0].entra_id
    body = {"contentType": "html", "content": '<at id="0">Amara</at>'}

    answer = await served.say(channel, body=body, mentions=[mention(1, amara)])

    assert answer.status_code == 400
    assert "marker for mention with Id '1'" in answer.json()["error"]["message"]


async def test_a_marker_without_its_mention_is_refused(served):
    """A body that marks somebody whom the mentions do not name is a 400."""
    channel = await served.channel()
    answer = await served.say(channel, body={"contentType": "html", "content": '<at id="0">Amara</at>'})

    assert answer.status_code == 400


async def test_only_members_of_the_team_can_be_mentioned(served):
    """Mentioning a person of the directory who is not in the team is a 400."""
    channel = await served.channel()
    outsider = next(person for person in served.world.people if not person.in_team)
    body = {"contentType": "html", "content": '<at id="0">Edda</at>'}

    answer = await served.say(channel, body=body, mentions=[mention(0, outsider.entra_id)])

    assert answer.status_code == 400


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("<p>a</p><script>alert(1)</script><p>b</p>", "<p>a</p><p>b</p>"),
        ("<SCRIPT>alert(1)", ""),
        ('<b onclick="x()">a</b>', "<b>a</b>"),
        ('<a href="javascript:alert(1)">a</a>', "<a>a</a>"),
        ('<a href=" JaVaScRiPt:alert(1)">a</a>', "<a>a</a>"),
        (
            '<a href="https://x.example/?a=1&amp;b=2" target=_blank>a</a>',
            '<a href="https://x.example/?a=1&amp;b=2">a</a>',
        ),
        ('<img src=x onerror="alert(1)">a', "a"),
        ("<svg><script>alert(1)</script></svg>a", "a"),
        ("<!-- hidden -->a", "a"),
        ("<p><b>a", "<p><b>a</b></p>"),
        ("a</p></div>", "a"),
        ("1 < 2 & 3", "1 &lt; 2 &amp; 3"),
        (
            '<a href="https://x.example/&quot;><script>">a</a>',
            '<a href="https://x.example/&quot;&gt;&lt;script&gt;">a</a>',
        ),
    ],
)
async def test_markup_is_cleaned_as_the_service_does(served, sent, kept):
    """Scripts, handlers and unknown tags are gone when a message is read; harmless markup stays."""
    channel = await served.channel()
    answer = await served.say(channel, body={"contentType": "html", "content": sent})

    assert answer.json()["body"]["content"] == kept


async def test_plain_text_is_kept_as_it_is(served):
    """A text body is no markup and is not cleaned."""
    channel = await served.channel()
    answer = await served.say(channel, body={"contentType": "text", "content": "<b>1 < 2</b>"})

    assert answer.json()["body"] == {"contentType": "text", "content": "<b>1 < 2</b>"}


@pytest.mark.parametrize(
    "message",
    [
        {},
        {"body": None},
        {"body": {"content": ""}},
        {"body": {"content": 5}},
        {"body": {"content": "x", "contentType": "markdown"}},
        {"body": {"content": "x"}, "importance": "loud"},
        {"body": {"content": "x"}, "importance": ["high"]},
        {"body": {"content": "x"}, "subject": ["x"]},
        {"body": {"content": "x"}, "mentions": [{"id": "0"}]},
        {"body": {"content": "x"}, "mentions": [{"id": True, "mentioned": []}]},
    ],
)
async def test_what_is_no_message_is_refused(served, message):
    """A message of the wrong shape is a 400, never a crash and never half a message."""
    channel = await served.channel()
    answer = await served.say(channel, **message)

    assert answer.status_code == 400
    assert served.teams.messages.of_channel(channel) == []


async def test_a_person_changes_what_they_posted(person, served, conforms):
    """A PATCH is answered 204; the same message says the new words, and says that it was edited."""
    channel = await served.channel()
    posted = await messages(person, served, channel).post(announcement(served))
    served.clock.move(timedelta(seconds=5))
    other = html("<p>3 alerts</p>")
    other.attachments, other.mentions, other.reactions = [], [], []

    answered = await messages(person, served, channel).by_chat_message_id(posted.id).patch(other)

    read = await messages(person, served, channel).by_chat_message_id(posted.id).get()
    raw = await served.http.get(f"{served.team_path}/channels/{channel}/messages/{posted.id}")
    assert answered is None
    assert (read.id, read.body.content, read.subject) == (posted.id, "<p>3 alerts</p>", "inc-2041 checkout")
    assert (read.attachments, read.mentions) == ([], [])
    assert read.last_edited_date_time - read.created_date_time == timedelta(seconds=5)
    conforms(raw.json(), "chatMessage")


PLAIN = {"body": {"content": "All is well"}}
RICH = {"body": {"contentType": "html", "content": "<p>All is well</p>"}, "attachments": [], "mentions": []}


async def edit(served, channel, message, change, token="sandbox-delegated-user"):
    return await served.http.patch(
        f"{served.team_path}/channels/{channel}/messages/{message}",
        json=change,
        headers={"Authorization": f"Bearer {token}"},
    )


@pytest.mark.parametrize(
    ("change", "status"),
    [
        (PLAIN, 204),
        ({"subject": "Over"}, 204),
        (RICH, 400),
        ({**RICH, "reactions": []}, 204),
        ({"body": None}, 400),
        ({"body": {"content": ""}}, 400),
        ({"body": "x"}, 400),
        ({"body": {"content": "x" * 28 * 1024}}, 413),
        ({**RICH, "reactions": [], "attachments": [{"id": "card-1"}]}, 400),
        ({"importance": "loud"}, 400),
    ],
)
async def test_a_change_is_a_whole_message_again(person, served, change, status):
    """What is not sent stays, markup comes with everything it refers to, and a refused change changes nothing."""
    channel = await served.channel()
    posted = await messages(person, served, channel).post(announcement(served))
    before = served.teams.messages.get(channel, posted.id)

    assert (await edit(served, channel, posted.id, change)).status_code == status

    after = served.teams.messages.get(channel, posted.id)
    assert (after == before) is (status != 204)
    assert after.content.subject == change.get("subject", "inc-2041 checkout")


@pytest.mark.parametrize(
    "token", ["an-application", jwt({"scp": "ChannelMessage.ReadWrite", "oid": "someone", "name": "Amara"})]
)
async def test_only_who_sent_a_message_changes_it(served, token):
    """Neither another person nor an application on its own changes what a person wrote."""
    channel = await served.channel()
    message = (await served.say(channel, body={"content": "mine"})).json()["id"]

    assert (await edit(served, channel, message, PLAIN, token)).status_code == 403
    assert served.teams.messages.get(channel, message).content.body["content"] == "mine"


async def test_nothing_is_changed_that_is_not_there(served):
    """A message that never was or was deleted is 404, and an archived channel takes no change."""
    channel = await served.channel()
    message = (await served.say(channel, body={"content": "mine"})).json()["id"]

    unknown = await edit(served, channel, "17", PLAIN)
    await served.archive(channel)
    archived = await edit(served, channel, message, PLAIN)
    served.teams.messages.delete(served.teams.messages.get(channel, message), served.clock())
    deleted = await edit(served, channel, message, PLAIN)

    assert [answer.status_code for answer in (unknown, archived, deleted)] == [404, 403, 404]


async def test_an_edited_message_survives_a_restart(restartable):
    """The new words and the time of the change are there after a restart."""
    async with restartable() as before:
        channel = await before.channel()
        message = (await before.say(channel, body={"content": "one"})).json()["id"]
        assert (await edit(before, channel, message, PLAIN)).status_code == 204
        state = before.teams.state()

    async with restartable() as after:
        assert after.teams.state() == state


async def test_a_message_is_looked_for_only_in_its_own_channel(served):
    """A message id of one channel is a 404 in another."""
    here, there = await served.channel("inc-1"), await served.channel("inc-2")
    posted = await served.say(here, body={"content": "here"})

    answer = await served.http.get(f"{served.team_path}/channels/{there}/messages/{posted.json()['id']}")

    assert answer.status_code == 404


async def test_a_lagging_list_does_not_show_a_new_message(served):
    """Told to lag, the list misses a new message for so long."""
    channel = await served.channel()
    await served.http.post("/sandbox/faults", json={"system": "graph", "behaviour": "lag", "seconds": 5})
    await served.say(channel, body={"content": "hello"})
    path = f"{served.team_path}/channels/{channel}/messages"

    assert (await served.http.get(path)).json()["value"] == []
    served.clock.move(timedelta(seconds=5))
    assert len((await served.http.get(path)).json()["value"]) == 1


async def test_a_restarted_sandbox_still_has_its_messages(restartable):
    """Messages and replies are there after a restart, and new ids follow the old ones."""
    async with restartable() as before:
        channel = await before.channel()
        first = (await before.say(channel, body={"content": "one"})).json()
        state = before.teams.state()

    async with restartable() as after:
        assert after.teams.state() == state
        second = (await after.say(channel, body={"content": "two"})).json()
        assert int(second["id"]) > int(first["id"])
