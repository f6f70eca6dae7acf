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
        ("<p>one</p><p>two</p>", "one\ntwo"),
        ("one<br>two<br/>three", "one\ntwo\nthree"),
        ("<div><div>one</div>\n<div>two</div></div>", "one\ntwo"),
        ("a &lt;b&gt; &amp; &#128204;&nbsp;c", "a <b> & 📌 c"),
        ('<at id="0">Ada Lovelace</at>&nbsp;look', "Ada Lovelace look"),
        (
            'see <a href="https://x.example/1?a=1&amp;b=2">the graph</a>.',
            "see the graph (https://x.example/1?a=1&b=2).",
        ),
        ('<a href="https://x.example/">https://x.example/</a>', "https://x.example/"),
        ('<a href="mailto:a@x.example">a@x.example</a>', "a@x.example"),
        ('<a href="javascript:alert(1)">press</a>', "press"),
        ('<a href="https://x.example/">', ""),
        ("<A HREF='https://x.example/?q=a>b'>words</A>", "words (https://x.example/?q=a>b)"),
        ("<a href=https://x.example/>words</a>", "words (https://x.example/)"),
        ('<a data-href="https://no.example" href="https://x.example">words</a>', "words (https://x.example)"),
        ("seen<!-- not <b>seen</b> -->, seen<!-- never closed", "seen, seen"),
        ("&#" + "9" * 5_000 + ";", "&#" + "9" * 5_000 + ";"),
        ("<a>no address</a>", "no address"),
        ("<ul><li>one</li><li>two</li></ul>", "- one\n- two"),
        ("<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", "a b\nc"),
        ('<emoji id="1f440" alt="👀"></emoji> <img src="x" alt="a graph">', "👀 a graph"),
        ("<script>steal()</script>seen<style>p{}</style>", "seen"),
        ("<script>never closed", ""),
        ("<pre>a\nb</pre>", "a b"),
        ('<attachment id="1"></attachment>', ""),
        ("<systemEventMessage/>", ""),
        ("<b>not closed <i>at all", "not closed at all"),
        ("</p></a></script>stray", "stray"),
        ("1 < 2 and 3 > 2", "1 < 2 and 3 > 2"),
    ],
)
def test_markup_becomes_plain_text(markup, text):
    """People by name, links with their address, a line for each block; nothing that is no word."""
    assert text_of_markup(markup) == text


@pytest.mark.parametrize(
    "part",
    [
        "<",
        "<!",
        "<![",
        "<!--",
        "<p",
        "<a href='",
        "<b>",
        "&",
        "</",
        "<?",
        "<script>",
        "<script></",
        "&#",
        "<a =x ",
        '<a "',
        "href ",
        "<a href ",
    ],
)
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
