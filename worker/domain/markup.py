"""HTML of others as text that people read: lines, lists and addresses stay, all else of the markup goes."""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

# No bracket of either kind inside: a body of nothing but brackets is read once, not once per bracket.
_TAG = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9:]{0,30})((?:\s[^<>]*|/)?)>")
_HREF = re.compile(r"""(?:^|\s)href\s{0,9}=\s{0,9}(?:"([^"]*)"|'([^']*)'|([^\s"']+))""", re.IGNORECASE)


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


_LINES = _names(
    "address article aside blockquote br center dd div dl dt figcaption figure footer form h1 h2 h3 h4 h5 h6 header hr "
    "li main nav ol p pre section table tbody tfoot thead tr ul"
)
_PARAGRAPHS = _names("blockquote h1 h2 h3 h4 h5 h6 hr ol p pre section table ul")
_CELLS = _names("td th")
_UNREAD = _names("script style head title template noscript svg object iframe")
_INLINE = _names(
    "a abbr acronym b big body button caption center cite code col colgroup del dfn em font html i img input ins kbd "
    "label link mark meta nobr q s samp select small span strike strong sub sup textarea time tt u var wbr"
)
_KNOWN = _LINES | _CELLS | _UNREAD | _INLINE
_ITEM, _NEXT_CELL, _PARAGRAPH = "- ", " | ", "\n\n"
_SPACE = re.compile(r"\s+")
# No character has a number of so many digits, and Python reads no number of thousands.
_ENDLESS_NUMBER = re.compile(r"&#[0-9]{100,};?")


def plain(markup: str) -> str:
    """The text of it, in time linear in its length; what bears no markup keeps its lines."""
    writer = _Writer()
    position, marked = 0, False
    text = "".join(_uncommented(markup))
    for tag in _TAG.finditer(text):
        if not _is_markup(tag[2].lower()):
            continue
        writer.write(text[position : tag.start()])
        writer.mark(tag[2].lower(), tag[3], closing=bool(tag[1]))
        position, marked = tag.end(), True
    if not marked:
        return _tidied(unescaped(text).splitlines())
    writer.write(text[position:])
    return _tidied(writer.end().splitlines())


def unescaped(text: str) -> str:
    """The characters that are named or numbered in it, as themselves."""
    return html.unescape(_ENDLESS_NUMBER.sub("\ufffd", text) if "&#" in text else text)


def _is_markup(name: str) -> bool:
    """`List<String>` is none."""
    return name in _KNOWN or ":" in name


def _uncommented(markup: str) -> Iterator[str]:
    inside = False
    for number, part in enumerate(markup.split("<!--")):
        before, end, after = part.partition("-->")
        if number == 0:
            yield part
        elif end:
            inside = False
            yield after
        elif inside:
            continue
        else:
            inside = bool(before)


@dataclass(slots=True)
class _Writer:
    parts: list[str] = field(default_factory=list)
    between: str = ""  # what is to stand before the next words: nothing, the next cell, a new line or paragraph
    unread: str = ""  # the name of the element whose content no reader sees
    address: str = ""
    linked: list[str] = field(default_factory=list)  # the words of the link that is open

    def write(self, text: str) -> None:
        words = _SPACE.sub(" ", unescaped(text))
        if self.unread or not words or (self.between and words == " "):
            return
        self.parts.extend((self.between, words))
        self.between = ""
        if self.address:
            self.linked.append(words)

    def mark(self, name: str, attributes: str, *, closing: bool) -> None:
        if self.unread:
            self.unread = "" if closing and name == self.unread else self.unread
        elif name in _UNREAD:
            self.unread = "" if closing or attributes.endswith("/") else name
        elif name == "a":
            self._end_link()
            self.address = "" if closing else _address(attributes)
        elif name in _CELLS:
            self.between = self.between or (_NEXT_CELL if closing else "")
        elif name in _LINES:
            self._break(name, closing=closing)

    def end(self) -> str:
        self._end_link()
        return "".join(self.parts)

    def _break(self, name: str, *, closing: bool) -> None:
        """Of two breaks at one place the wider one stands; `br` is counted."""
        again = name == "br" and self.between.startswith("\n")
        wide = name in _PARAGRAPHS or again or self.between.startswith(_PARAGRAPH)
        item = _ITEM if (name == "li" and not closing) else ""
        self.between = (_PARAGRAPH if wide else "\n") + item

    def _end_link(self) -> None:
        said = "".join(self.linked).strip()
        if self.address and self.address != said:
            self.parts.append(f" ({self.address})" if said else f"{self.between}{self.address}")
            self.between = self.between if said else ""
        self.address = ""
        self.linked.clear()


def _address(attributes: str) -> str:
    found = _HREF.search(attributes)
    address = unescaped(next(filter(None, found.groups()), "")).strip() if found else ""
    return address if address.lower().startswith(("http://", "https://", "mailto:", "tel:")) else ""


def _tidied(lines: list[str]) -> str:
    """One blank line at most between two, and none at either end."""
    tidy: list[str] = []
    for line in lines:
        words = " ".join(line.split())
        if words or (tidy and tidy[-1]):
            tidy.append(words)
    return "\n".join(tidy).strip()
