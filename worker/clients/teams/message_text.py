"""The words of a message: of its markup, whose people, links and breaks are kept as text, and of its cards."""

import json
import re
from collections.abc import Iterator
from typing import Any

from worker.domain.markup import plain

# Teams takes 28 KB for a message; what is longer comes from no message.
MOST_MARKUP = 64 * 1024
_MOST_CARD_WORDS = 16 * 1024
_DEEPEST_CARD = 32
# The tags that Teams has for itself; those of HTML are read afterwards.
_OF_TEAMS = re.compile(
    r"</?(?P<tag>at|attachment|emoji|img|codeblock|systemEventMessage)(?P<attributes>(?:[\s/][^<>]*)?)>",
    re.IGNORECASE | re.ASCII,
)
_ALT = re.compile(
    r"""(?:^|\s)alt\s{0,9}=\s{0,9}(?:"(?P<double>[^"]*)"|'(?P<single>[^']*)')""", re.IGNORECASE | re.ASCII
)
_PICTURES = frozenset(("emoji", "img"))
SAFE_LINKS = ("https://", "http://", "mailto:")
_WORDS_OF_CARDS = ("text", "title", "value")


def text_of_markup(markup: str) -> str:
    """Plain text, whatever the markup holds; cut where it is longer than a message can be."""
    return plain(_OF_TEAMS.sub(_shown, markup[:MOST_MARKUP]))


def _shown(tag: re.Match[str]) -> str:
    """Pictures by what they are called; people, whose names stand between their tags, by those."""
    named = _ALT.search(tag["attributes"]) if tag["tag"].lower() in _PICTURES else None
    return (named["double"] or named["single"] or "") if named else ""


def text_of_card(content: str) -> str:
    """What an adaptive card says, a line for each text in it; empty where it is none that can be read."""
    try:
        card = json.loads(content[:MOST_MARKUP])
    except (ValueError, RecursionError):
        return ""
    return "\n".join(_words(card, _DEEPEST_CARD))[:_MOST_CARD_WORDS]


def _words(part: Any, depth: int) -> Iterator[str]:
    if depth == 0:
        return
    if isinstance(part, list):
        for each in part:
            yield from _words(each, depth - 1)
    elif isinstance(part, dict):
        # A run of texts is one line.
        if isinstance(inlines := part.get("inlines"), list):
            yield "".join(_one_line(each) for each in inlines)
            return
        if line := ": ".join(part[name] for name in _WORDS_OF_CARDS if isinstance(part.get(name), str) and part[name]):
            yield line
        for name in ("body", "items", "columns", "facts", "rows", "cells"):
            yield from _words(part.get(name), depth - 1)


def _one_line(inline: Any) -> str:
    text = inline.get("text") if isinstance(inline, dict) else inline
    return text if isinstance(text, str) else ""
