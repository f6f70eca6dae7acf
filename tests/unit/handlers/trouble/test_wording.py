"""A launch in trouble, in sentences."""

import json
from datetime import UTC, datetime

import pytest
from cards_read import runs, shown, small_print, texts

from handlers.marks import TROUBLE, mark
from handlers.trouble.wording import as_message, in_sentences
from worker.clients.posting.poster import MESSAGE_LIMIT
from worker.domain.event import Event
from worker.domain.incident import Incident
from worker.domain.launch_report import Report, Trouble

SENTENCE = "wrong-setting. There is no work item type 'Incident': set TOCSIN_BOARDS_WORK_ITEM_TYPE."


def incident(title="Checkout is down"):
    return Incident(key="k", event=Event(title=title), received_at=datetime(2026, 3, 2, tzinfo=UTC))


@pytest.mark.parametrize(
    ("trouble", "what", "command"),
    [
        (Trouble.WAITS, "waits", "tocsin incidents show {id}"),
        (Trouble.GIVEN_UP, "given up", "tocsin dead-letters replay --incident {id} --yes"),
        (Trouble.OVER, "is done now", "tocsin incidents show {id}"),
    ],
)
def test_it_says_what_why_and_what_mends_it(trouble, what, command):
    """The sentence is that of the dead letter; the command can be copied as it stands."""
    first, why, last = in_sentences(incident(), Report(trouble, SENTENCE))
    assert what in first
    assert why == SENTENCE
    assert last.endswith(": " + command.format(id=incident().id))


def test_the_message_says_the_same_and_can_be_found():
    """Once each; the mark, with what it says by now, is in the small print alone."""
    message = as_message(incident(), Report(Trouble.GIVEN_UP, SENTENCE))
    assert runs(message.card) == ["Checkout is down"]
    assert texts(message.card)[:-1] == list(in_sentences(incident(), Report(Trouble.GIVEN_UP, SENTENCE)))
    assert message.marker == mark(incident(), TROUBLE)
    assert small_print(message.card) == f"{incident().id} · {message.marker}/given-up"
    assert json.dumps(message.card).count(message.marker) == 1
    assert shown(message.card).count("Checkout is down") == 1
    assert message.urgent


@pytest.mark.parametrize(("trouble", "colour"), [(Trouble.WAITS, "Attention"), (Trouble.OVER, "Good")])
def test_what_is_over_looks_so(trouble, colour):
    """And is not urgent any more; nor is what is tried again by itself."""
    message = as_message(incident(), Report(trouble))
    (what,) = [part for part in message.card["body"] if part.get("weight") == "Bolder" and "color" in part]
    assert what["color"] == colour
    assert not message.urgent


def test_a_long_and_hostile_title_and_sentence_stay_words():
    """Of what a remote system said nothing becomes a link or a mention, and all of it fits."""
    hostile = "[pay](https://evil.example) <at>Ada</at> " * 200
    message = as_message(incident(hostile), Report(Trouble.WAITS, hostile))
    assert "](" not in " ".join(texts(message.card))
    assert "<at>" not in json.dumps(message.card) + message.summary
    assert len(json.dumps(message.card)) < MESSAGE_LIMIT
    assert len(message.summary) <= 255
