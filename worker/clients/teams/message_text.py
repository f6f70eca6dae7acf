"""The words of a message: of its markup, whose people, links and breaks are kept as text, and of its cards."""

import html
import json
import re
from collections.abc import Iterator
from typing import Any

# Teams takes 28 KB for a message; what is longer comes from no message.
MOST_MARKUP = 64 * 1024
_MOST_CARD_WORDS = 16 * 1024
_DEEPEST_CARD = 32
# The parser of the standard library takes time by the square of what is never closed.
_TAG = re.compile(
    r"""<(?P<end>/?)(?P<tag>[a-z][a-z0-9:]{0,40})(?![a-z0-9:])(?P<attributes>(?:[^<>"']|"[^"<]*"|'[^'<]*')*+)>""",
    re.IGNORECASE | re.ASCII,
)
_ATTRIBUTE = re.compile(
    r"""(?<![\w-])(?P<name>href|alt)\s*=\s*(?:"(?P<double>[^"]*)"|'(?P<single>[^']*)'|(?P<bare>[^\s"'>]+))""",
    re.IGNORECASE | re.ASCII,
)
_BREAKS = frozenset(
    ("blockquote", "br", "div", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "li", "ol", "p", "pre", "table", "tr", "ul")
)
_SWALLOWED = frozenset(("script", "style", "template", "noscript", "title"))
SAFE_LINKS = ("https://", "http://", "mailto:")
_WORDS_OF_CARDS = ("text", "title", "value")


def text_of_markup(markup: str) -> str:
    """Plain text, whatever the markup holds; cut where it is longer than a message can be."""
    markup, reader, seen = _without_comments(markup[:MOST_MARKUP]), _Reader(), 0
    for piece in _TAG.finditer(markup):
        reader.words(markup[seen : piece.start()])
        seen = piece.end()
        if piece["end"]:
            reader.end(piece["tag"].lower())
        else:
            reader.start(piece["tag"].lower(), piece["attributes"])
    reader.words(markup[seen:])
    return reader.text()


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


class _Reader:
    """Takes the pieces of markup in their order."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._swallowing = ""
        self._link: tuple[int, str] | None = None

    def text(self) -> str:
        lines = "".join(self._parts).replace("\xa0", " ").split("\n")
        kept = (" ".join(line.split()) for line in lines)
        return "\n".join(line for line in kept if line)

    def start(self, tag: str, attributes: str) -> None:
        if tag in _SWALLOWED and not self._swallowing:
            self._swallowing = tag
        if self._swallowing:
            return
        if tag in _BREAKS:
            self._parts.append("\n- " if tag == "li" else "\n")
        elif tag == "a":
            self._link = (len(self._parts), _given(attributes, "href"))
        elif tag in ("img", "emoji"):
            self._parts.append(_given(attributes, "alt"))
        elif tag == "td":
            self._parts.append(" ")

    def end(self, tag: str) -> None:
        if self._swallowing:
            self._swallowing = "" if tag == self._swallowing else self._swallowing
        elif tag == "a" and self._link is not None:
            self._end_link(*self._link)
        elif tag in _BREAKS:
            self._parts.append("\n")

    def words(self, data: str) -> None:
        if not self._swallowing:
            self._parts.append(_unescaped(data).replace("\n", " "))

    def _end_link(self, start: int, address: str) -> None:
        self._link = None
        words = "".join(self._parts[start:]).strip()
        if address.strip().lower().startswith(SAFE_LINKS) and address.strip() not in (words, f"mailto:{words}"):
            self._parts.append(f" ({address.strip()})")


def _without_comments(markup: str) -> str:
    first, *others = markup.split("<!--")
    return first + "".join(other.partition("-->")[2] for other in others)


def _given(attributes: str, name: str) -> str:
    found = (match for match in _ATTRIBUTE.finditer(attributes) if match["name"].lower() == name)
    match = next(found, None)
    return _unescaped(match["double"] or match["single"] or match["bare"] or "") if match else ""


def _unescaped(text: str) -> str:
    try:
        return html.unescape(text)
    except ValueError:
        # A character's number of thousands of digits, which is none.
        return text
