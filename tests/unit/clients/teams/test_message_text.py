"""The words of markup and of cards, whatever stands in them."""

import json
import time

import pytest

from worker.clients.teams.message_text import MOST_MARKUP, text_of_card, text_of_markup


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("plain", "plain"),
        ("", ""),
        ('<p><at id="0">Ada Lovelace</at>&nbsp;look</p><p>here</p>', "Ada Lovelace look\n\nhere"),
        ('<at id="0">Ada</at><at id="1"> Lovelace</at> look', "Ada Lovelace look"),
        (
            'see <a href="https://x.example/1?a=1&amp;b=2">the graph</a>.',
            "see the graph (https://x.example/1?a=1&b=2).",
        ),
        ('<a href="javascript:alert(1)">press</a>', "press"),
        ('<emoji id="1f440" alt="👀" title="Eyes"></emoji> <img src="x" alt=\'a "graph"\'>', '👀 a "graph"'),
        ('<img alt="a &lt;b&gt;"><img src="x">', "a <b>"),
        ("<script>steal()</script>seen<style>p{}</style>", "seen"),
        ('words<attachment id="1"></attachment>', "words"),
        ("<systemEventMessage/>", ""),
        ("<codeblock class=''><code>a &amp;&amp; b<br>c</code></codeblock>", "a && b\nc"),
        ("<attached> files, <atlas>", "<attached> files, <atlas>"),
        ("1 &lt;at&gt; 2", "1 <at> 2"),
        ("&#" + "9" * 5_000 + ";", "\ufffd"),
    ],
)
def test_markup_becomes_plain_text(markup, text):
    """People by name, pictures by what they are called, links with their address; nothing that runs."""
    assert text_of_markup(markup) == text


@pytest.mark.parametrize("part", ["<", "<at ", "<img ", "<img alt='", '<emoji alt="', "alt = ", "<at/", "<!--", "&#9"])
def test_no_markup_takes_long(part):
    """However it is made; what is longer than a message is cut."""
    began = time.process_time()
    text_of_markup(part * (4 * MOST_MARKUP // len(part)))
    assert time.process_time() - began < 1


def test_what_is_longer_than_a_message_is_cut():
    """No answer makes us read more."""
    assert len(text_of_markup("x" * (MOST_MARKUP + 1))) == MOST_MARKUP


def card(*body):
    return json.dumps({"type": "AdaptiveCard", "body": body})


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (card({"type": "TextBlock", "text": "one"}, {"type": "TextBlock", "text": "two"}), "one\ntwo"),
        (card({"type": "FactSet", "facts": [{"title": "State", "value": "open"}]}), "State: open"),
        (card({"type": "RichTextBlock", "inlines": ["a ", {"type": "TextRun", "text": "b"}, 5]}), "a b"),
        (
            card({"type": "ColumnSet", "columns": [{"items": [{"type": "TextBlock", "text": "deep"}]}]}),
            "deep",
        ),
        (card({"type": "Table", "rows": [{"cells": [{"items": [{"text": "cell"}]}]}]}), "cell"),
        (card({"type": "TextBlock", "text": 5}, None, "x", {"type": "Image", "url": "https://x.example"}), ""),
        ("no json", ""),
        ("[]", ""),
        ("5", ""),
        ("[" * 60_000, ""),
        (card(*[{"items": [{"items": [{"text": "in"}]}]}]), "in"),
    ],
)
def test_a_card_is_read_by_its_texts(content, text):
    """Whatever else stands in it, or is no card."""
    assert text_of_card(content) == text


def test_a_card_that_is_nested_without_end_is_left_where_it_is_too_deep():
    """What nobody could see is not looked for."""
    deep = {"text": "at the bottom"}
    for _ in range(50):
        deep = {"items": [deep]}
    assert text_of_card(card({"text": "at the top"}, deep)) == "at the top"
