"""One message of Graph's, read: what is there, what is missing, and what is of another kind than it should be."""

from datetime import UTC, datetime

import pytest

from worker.clients.teams.channel_message import Attachment, Reaction, read_channel_message

WRITTEN = "2026-03-02T09:05:00.125Z"
AT = datetime(2026, 3, 2, 9, 5, 0, 125_000, tzinfo=UTC)


def shown(**others):
    user = {"id": "u-1", "displayName": "Ada Lovelace", "userIdentityType": "aadUser"}
    return {
        "id": "17",
        "replyToId": None,
        "createdDateTime": WRITTEN,
        "lastModifiedDateTime": WRITTEN,
        "from": {"application": None, "user": user},
        "body": {"contentType": "html", "content": "<p>look</p>"},
        "attachments": [],
        "reactions": [],
        "eventDetail": None,
        **others,
    }


def test_a_persons_message_is_read_whole():
    """Who, when, and the words, with the markup beside them."""
    message = read_channel_message(shown(subject="Checkout", webUrl="https://x.example/17"))
    assert (message.id, message.root, message.is_reply) == ("17", "17", False)
    assert (message.created_at, message.modified_at, message.edited_at, message.deleted_at) == (AT, AT, None, None)
    assert (message.author, message.author_id, message.by_application) == ("Ada Lovelace", "u-1", False)
    assert (message.text, message.html) == ("Checkout\nlook", "<p>look</p>")
    assert (message.url, message.event) == ("https://x.example/17", "")


def test_plain_text_is_taken_as_it_is():
    """It is no markup, and there is none."""
    message = read_channel_message(shown(body={"contentType": "text", "content": "1 <b> 2"}))
    assert (message.text, message.html) == ("1 <b> 2", "")


def test_a_reply_knows_its_root():
    """By itself, or by the address it was read from."""
    assert read_channel_message(shown(replyToId="5")).root == "5"
    assert read_channel_message(shown(), root="5").is_reply


def test_an_applications_message_is_read_by_its_card():
    """Its words stand there, not in the body."""
    content = '{"type": "AdaptiveCard", "body": [{"type": "TextBlock", "text": "Checkout is down"}]}'
    card = {"id": "1", "contentType": "application/vnd.microsoft.card.adaptive", "content": content}
    sender = {"application": {"id": "a-1", "displayName": "Tocsin"}, "user": None}
    message = read_channel_message(shown(attachments=[card], body={"contentType": "html"}, **{"from": sender}))
    assert (message.by_application, message.author, message.text) == (True, "Tocsin", "Checkout is down")
    assert message.attachments == ()


def test_files_are_links_and_nothing_that_runs():
    """By name, or by the address where there is none."""
    files = [
        {"name": "graph.png", "contentUrl": "https://x.example/graph.png"},
        {"contentUrl": "https://x.example/2"},
        {"name": "bad", "contentUrl": "javascript:alert(1)"},
        {"name": "quoted", "contentUrl": None},
        "none",
    ]
    assert read_channel_message(shown(attachments=files)).attachments == (
        Attachment(name="graph.png", url="https://x.example/graph.png"),
        Attachment(name="https://x.example/2", url="https://x.example/2"),
    )


def test_reactions_have_a_kind_a_person_and_a_time():
    """The message's own where Graph tells none."""
    user = {"user": {"id": "u-2", "displayName": None}}
    reactions = [
        {"reactionType": "📌", "createdDateTime": "2026-03-02T09:06:00Z", "user": user},
        {"reactionType": "like", "user": None},
        {"reactionType": None},
        None,
    ]
    assert read_channel_message(shown(reactions=reactions)).reactions == (
        Reaction(kind="📌", person="", person_id="u-2", at=datetime(2026, 3, 2, 9, 6, tzinfo=UTC)),
        Reaction(kind="like", person="", person_id="", at=AT),
    )


@pytest.mark.parametrize(
    ("detail", "event", "text"),
    [
        (
            {"@odata.type": "#microsoft.graph.channelRenamedEventMessageDetail", "channelDisplayName": "inc-1"},
            "channelRenamed",
            "channel renamed: inc-1",
        ),
        (
            {
                "@odata.type": "#microsoft.graph.membersAddedEventMessageDetail",
                "members": [{"displayName": "Ada"}, {"displayName": None}, {"displayName": "Ben"}],
            },
            "membersAdded",
            "members added: Ada, Ben",
        ),
        ({"@odata.type": "#microsoft.graph.somethingNew"}, "somethingNew", "something new"),
        ({"@odata.type": "<b>"}, "event", "event"),
        ({"initiator": None}, "event", "event"),
    ],
)
def test_what_teams_itself_tells_is_an_event(detail, event, text):
    """Of nobody's, by its kind, known or not."""
    body = {"contentType": "html", "content": "<systemEventMessage/>"}
    message = read_channel_message(shown(eventDetail=detail, body=body, **{"from": None}))
    assert (message.event, message.text, message.html, message.author) == (event, text, "", "")


def test_a_change_and_a_deletion_have_their_times():
    """In UTC, whatever zone they are told in."""
    message = read_channel_message(
        shown(lastEditedDateTime="2026-03-02T11:07:00+02:00", deletedDateTime="2026-03-02T09:08:00", body=None)
    )
    assert message.edited_at == datetime(2026, 3, 2, 9, 7, tzinfo=UTC)
    assert message.deleted_at == datetime(2026, 3, 2, 9, 8, tzinfo=UTC)
    assert message.text == ""


@pytest.mark.parametrize("missing", [{"id": None}, {"id": ""}, {"createdDateTime": None}, {"createdDateTime": "soon"}])
def test_a_message_without_its_id_or_time_is_none(missing):
    """It has no place among the others."""
    assert read_channel_message(shown(**missing)) is None


@pytest.mark.parametrize("wrong", [5, [], "x", {"user": 5}, {"content": 5}, [5], None])
def test_what_is_of_another_kind_counts_as_missing(wrong):
    """Nothing raises."""
    fields = ("from", "body", "attachments", "reactions", "eventDetail", "subject", "lastModifiedDateTime", "webUrl")
    for field in fields:
        assert read_channel_message(shown(**{field: wrong})).id == "17"


def test_names_and_words_hide_nothing():
    """What turns the direction of what stands beside it is taken out."""
    sender = {"user": {"id": "u", "displayName": "Ada\u202e\nLovelace" + "x" * 500}}
    message = read_channel_message(shown(body={"contentType": "text", "content": "a\u202eb"}, **{"from": sender}))
    assert message.text == "ab"
    assert message.author.startswith("Ada Lovelace")
    assert len(message.author) == 256


def test_a_message_can_be_kept_and_read_again():
    """As JSON, which says the same."""
    message = read_channel_message(shown(reactions=[{"reactionType": "like"}]))
    assert type(message).model_validate_json(message.model_dump_json()) == message
