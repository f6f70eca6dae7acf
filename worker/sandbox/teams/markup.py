"""Message HTML as Teams keeps it: a short list of harmless tags, and nothing that runs."""

from __future__ import annotations

import html
from html.parser import HTMLParser

_INLINE = {"b", "br", "code", "em", "i", "s", "span", "strong", "u"}
_BLOCKS = {"blockquote", "div", "h1", "h2", "h3", "hr", "li", "ol", "p", "pre", "ul"}
_TABLES = {"table", "tbody", "td", "th", "thead", "tr"}
_KEPT = {tag: frozenset[str]() for tag in _INLINE | _BLOCKS | _TABLES} | {
    "a": frozenset({"href"}),
    "at": frozenset({"id"}),
    "attachment": frozenset({"id"}),
}
_NEVER_CLOSED = {"br", "hr"}
_SWALLOWED = {"script", "style", "iframe", "object", "svg", "math", "template", "noscript", "title", "textarea"}
_SAFE_LINKS = ("https://", "http://", "mailto:")


class _Cleaner(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.kept: list[str] = []
        self.open: list[str] = []
        self.swallowing: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _SWALLOWED:
            self.swallowing.append(tag)
        if self.swallowing or tag not in _KEPT:
            return
        self.kept.append(f"<{tag}{_attributes(tag, attrs)}>")
        if tag not in _NEVER_CLOSED:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        if self.swallowing:
            if tag == self.swallowing[-1]:
                self.swallowing.pop()
            return
        while tag in self.open:
            closed = self.open.pop()
            self.kept.append(f"</{closed}>")
            if closed == tag:
                return

    def handle_data(self, data: str) -> None:
        if not self.swallowing:
            self.kept.append(html.escape(data, quote=False))


def _attributes(tag: str, attrs: list[tuple[str, str | None]]) -> str:
    kept = [(name, value or "") for name, value in attrs if name in _KEPT[tag]]
    safe = [(n, v) for n, v in kept if n != "href" or v.strip().lower().startswith(_SAFE_LINKS)]
    return "".join(f' {name}="{html.escape(value)}"' for name, value in safe)


def cleaned(text: str) -> str:
    cleaner = _Cleaner()
    cleaner.feed(text)
    cleaner.close()
    return "".join(cleaner.kept + [f"</{tag}>" for tag in reversed(cleaner.open)])


def ids_of(tag: str, text: str) -> set[str]:
    """The ids of all `<tag id="…">` in a text: how a body points at its attachments and its mentions."""
    finder = _IdFinder(tag)
    finder.feed(text)
    finder.close()
    return finder.ids


class _IdFinder(HTMLParser):
    def __init__(self, tag: str) -> None:
        super().__init__()
        self.tag = tag
        self.ids: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == self.tag:
            self.ids.update(value for name, value in attrs if name == "id" and value)
