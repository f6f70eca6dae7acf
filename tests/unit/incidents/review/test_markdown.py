"""The document holds, whatever people wrote."""

from dataclasses import replace
from datetime import UTC

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from known_incidents import Life, at
from markdown_it import MarkdownIt
from reviewed import BERLIN, HOSTILE, MADE_AT, the_review, the_sources

from worker.incidents.review.channel_line import ChannelLine
from worker.incidents.review.item_change import ItemChange
from worker.incidents.review.markdown import markdown_of
from worker.incidents.review.review import review_of
from worker.incidents.review.sources import ReviewSources
from worker.incidents.review.timeline_event import TimelineLink

HEADINGS = [
    "Summary", "Facts", "Times and durations", "Timeline", "What was known when", "Updates as sent",
    "Who was told and when", "Open questions and action items", "Contributing conditions", "What helped",
    "What hindered", "What surprised us",
]  # fmt: skip
OURS_IN_HTML = ["<details>", "</details>"]


def parsed(text):
    return MarkdownIt("commonmark").enable("table").enable("strikethrough").parse(text)


def within(tokens):
    return [child for token in tokens for child in (token, *(token.children or ()))]


def structure(text):
    """Headings, blocks of HTML, links, and whatever else makes more of words than words."""
    tokens = within(parsed(text))
    headings = [tokens[place + 1].content for place, token in enumerate(tokens) if token.type == "heading_open"]
    html = [token.content.strip() for token in tokens if token.type in {"html_block", "html_inline"}]
    links = [token.attrs["href"] for token in tokens if token.type == "link_open"]
    odd = {token.type for token in tokens} & {"image", "code_inline", "fence", "code_block", "hr", "s_open"}
    return headings, html, links, odd


def cells(text):
    """Of all tables."""
    kinds = [token.type for token in parsed(text)]
    return {kind: kinds.count(kind) for kind in ("tr_open", "td_open", "th_open")}


def everywhere(words):
    """A review in which somebody wrote these words wherever people can write."""
    life = Life(title=words.strip() or "x", service=words, impact=words, source=words)
    life.enter("update", 5, words).enter("note", 6, words).enter("action", 7, words)
    life.response = life.response.model_copy(update={"phase": words, "declined_because": words, "merged_into": words})
    line = ChannelLine(id="1", root="1", at=at(8), author=words, text=words)
    files = (TimelineLink(text=words, url=f"https://x.example/{words}"), TimelineLink(text=words, url=words))
    sources = ReviewSources(
        life.known(),
        lines=(line.model_copy(update={"files": files}), line.model_copy(update={"id": "2", "at": at(9)})),
        changes=(ItemChange(at=at(9), by=words, what=words, old=words, new=words, text=words),),
        gaps=(words,),
    )
    return markdown_of(review_of(sources, MADE_AT), UTC)


def test_the_sections_are_those_of_a_review():
    """In this order, under the title."""
    headings, html, _, odd = structure(markdown_of(the_review(), BERLIN))
    assert headings == ["Checkout is down", *HEADINGS]
    assert [each.split("\n")[0] for each in html] == OURS_IN_HTML
    assert odd == set()


@pytest.mark.parametrize(
    "words",
    [
        HOSTILE,
        "# Heading",
        "Setext\n===",
        "a\n---\nb",
        "```\ncode",
        "    indented",
        "> quoted",
        "1. first\n2) second",
        "- [ ] done",
        "[a]: https://evil.example",
        "[a](https://evil.example)",
        "<https://evil.example>",
        "![i](https://evil.example/i.png)",
        "<!-- comment",
        "</summary></details>",
        "| a | b |\n|---|---|",
        "~~~\nx",
        "**bold** __bold__ *em* _em_ ~~gone~~",
        "\\",
        "a\\|b",
        "&lt;script&gt;",
        "::: mermaid\ngraph\n:::",
        "$$x$$",
        "[[_TOC_]]",
        "\u202egnp.exe",
    ],
)
def test_words_of_people_break_nothing_and_are_read_as_they_wrote_them(words):
    """No heading, link, image, code or HTML of theirs; a row of a table keeps its cells."""
    text = everywhere(words)
    headings, html, links, odd = structure(text)
    assert headings[1:] == HEADINGS
    assert len(html) == 2
    assert [link for link in links if not link.startswith("https://x.example/")] == []
    assert odd == set()
    assert cells(text) == cells(everywhere("words"))


@settings(max_examples=20, deadline=None)
@given(st.text(alphabet="\\`*_{}[]()#+-.!|<>~&$:= \n\tab1/@\"'", min_size=1, max_size=40))
def test_no_words_at_all_break_it(words):
    """Whatever is typed on a keyboard at night."""
    headings, html, _, odd = structure(everywhere(words))
    assert headings[1:] == HEADINGS
    assert len(html) == 2
    assert odd == set()


def test_a_note_of_later_stands_where_it_happened_and_says_so():
    """At the time of which it tells."""
    text = markdown_of(the_review(), BERLIN)
    assert "10:14:00 (12:14 CEST) · response · **Ada Okafor**: The cache was cold. (noted at 11:30)" in text


def test_replies_stand_beneath_what_they_answer_and_by_their_own_time():
    """Both in the full timeline."""
    text = markdown_of(the_review(), BERLIN)
    assert text.count("(in reply to Ada Okafor at 10:08:00) It is.") == 2
    assert "\n  - 10:11:00 (12:11 CEST) · channel" in text


def test_gaps_are_said_before_all_else():
    """Whoever reads it knows what is missing."""
    text = markdown_of(the_review(), BERLIN)
    assert text.index("What could not be read") < text.index("## Summary")


def test_a_time_of_another_day_names_the_day():
    """Late in the evening in UTC it is tomorrow in Berlin."""
    life = Life().enter("note", 13 * 60, "Late.")
    text = markdown_of(review_of(ReviewSources(life.known()), MADE_AT), BERLIN)
    assert "23:00:00 (2026-06-13 01:00 CEST)" in text


def test_without_a_zone_there_is_utc_alone():
    """Nobody is told the same time twice."""
    text = markdown_of(review_of(replace(the_sources(), zone=UTC), MADE_AT), UTC)
    assert "10:14:00 · response" in text
