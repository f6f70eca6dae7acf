"""What a page says, by each way."""

import json
from datetime import UTC, datetime

from cards_read import buttons, facts, runs, shown, small_print, texts

from handlers.launch.create_channel import CreateChannel
from handlers.launch.create_work_item import CreateWorkItem, WorkItem
from handlers.marks import CHAT, TROUBLE, mark
from handlers.paging.way import Recipient
from handlers.paging.wording import in_sms, in_webhook, on_card
from worker.clients.posting.poster import MESSAGE_LIMIT
from worker.clients.teams.client import Channel
from worker.domain.event import Event
from worker.domain.incident import Incident
from worker.engine.step import Done

AMARA = Recipient(name="Amara", address="amara@contoso.example", why="You are on call for 'checkout'.")
CHANNEL = Channel(id="19:x", name="inc-1", url="https://teams.example/channel", team_id="t")
WORK_ITEM = WorkItem(id=7, url="https://boards.example/7", rev=1)
ALL = Done({CreateChannel: CHANNEL, CreateWorkItem: WORK_ITEM})
ACKNOWLEDGE = "https://tocsin.example/ack/token"


def incident(**event):
    given = {"title": "Checkout is down", "severity": 1, "service": "checkout", "resources": ["vm-1"], **event}
    return Incident(key="k", event=Event(**given), received_at=datetime(2026, 3, 2, 9, 5, tzinfo=UTC))


def test_an_sms_says_what_why_and_how_to_take_it():
    """In four lines without markup, with the id to ask for."""
    down = incident()
    assert in_sms(down, AMARA, ACKNOWLEDGE).splitlines() == [
        "CRITICAL: Checkout is down (checkout)",
        "You are on call for 'checkout'.",
        down.id,
        f"I have it: {ACKNOWLEDGE}",
    ]
    assert in_sms(down, AMARA, "").splitlines()[-1] == down.id


def test_an_sms_of_a_long_title_is_short():
    """The title is cut, so that the link behind it stays whole."""
    text = in_sms(incident(title="x" * 500), AMARA, ACKNOWLEDGE)
    assert text.endswith(ACKNOWLEDGE)
    assert len(text) < 400


def test_a_webhook_is_told_everything_in_fields():
    """The incident, the person, the reason and the links there are by now."""
    down = incident(impact="No one can pay")
    body = in_webhook(down, AMARA, ALL, ACKNOWLEDGE)
    assert body == {
        "type": "incident.page",
        "incident": {
            "id": down.id,
            "title": "Checkout is down",
            "severity": 1,
            "severity_label": "critical",
            "service": "checkout",
            "impact": "No one can pay",
            "resources": ["vm-1"],
            "received_at": "2026-03-02T09:05:00+00:00",
        },
        "person": {"name": "Amara", "address": "amara@contoso.example"},
        "reason": "You are on call for 'checkout'.",
        "level": 1,
        "links": {"channel": CHANNEL.url, "work_item": WORK_ITEM.url, "acknowledge": ACKNOWLEDGE},
    }
    assert in_webhook(down, AMARA, Done(), "")["links"] == {}


def test_a_chat_leads_on_and_can_be_taken_with_a_button():
    """Title, why this person hears of it, buttons, then the facts; the marks in the small print alone."""
    down = incident(impact="No one can pay")
    message = on_card(down, AMARA, ALL, ACKNOWLEDGE)
    assert runs(message.card) == ["Checkout is down", "No one can pay"]
    assert texts(message.card)[0] == AMARA.why
    assert list(buttons(message.card).items()) == [
        ("Open the incident's channel", CHANNEL.url),
        ("Open the work item", WORK_ITEM.url),
        ("I have it", ACKNOWLEDGE),
    ]
    assert facts(message.card)["Affected"] == "vm-1"
    assert "(2026-03-02 09:05 UTC)" in facts(message.card)["Received"]
    assert message.marker == mark(down, CHAT)
    assert message.marker in small_print(message.card)
    assert json.dumps(message.card).count(message.marker) == 1
    assert shown(message.card).count("Checkout is down") == 1
    assert (message.summary, message.urgent) == ("CRITICAL: Checkout is down (checkout)", True)


def test_a_chat_shows_the_buttons_that_there_are():
    """Before channel and work item stand, whoever has it can say so all the same."""
    assert list(buttons(on_card(incident(), AMARA, Done(), ACKNOWLEDGE).card)) == ["I have it"]
    assert buttons(on_card(incident(), AMARA, Done(), "").card) == {}


def test_a_report_in_a_chat_is_no_second_telling():
    """Its mark is its own."""
    reported = Recipient(name="Lea", address="lea@contoso.example", why="The launch waits.", topic=TROUBLE)
    message = on_card(incident(), reported, ALL, "")
    assert message.marker == mark(incident(), TROUBLE)
    assert mark(incident(), CHAT) not in json.dumps(message.card)


def test_hostile_words_make_no_link_and_no_mention_in_a_chat():
    """And the longest alert fits into a message."""
    hostile = "[pay](https://evil.example) <at>Amara</at> "
    words = dict.fromkeys(("title", "impact", "description", "service"), hostile * 700)
    message = on_card(incident(**words, resources=[hostile] * 50), AMARA, ALL, ACKNOWLEDGE)
    markdown = " ".join([*texts(message.card), *facts(message.card).values()])
    assert "](" not in markdown
    assert "<at>" not in json.dumps(message.card) + message.summary
    assert len(json.dumps(message.card)) < MESSAGE_LIMIT / 2
