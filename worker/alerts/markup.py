"""HTML in a payload, as the text that its readers would see."""

import html
import re

# Neither bracket inside: a body of nothing but opening brackets is read once, not once per bracket.
_PIECE = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9]{0,15})([^<>]*)>|</?[A-Za-z!?][^<>]*>|[^<]+|<")
_HREF = re.compile(r"""\bhref\s*=\s*["']?(https?://[^"'\s<>]+)""", re.IGNORECASE)
_BREAKS = {"br", "p", "div", "tr", "ul", "ol", "table", "h1", "h2", "h3", "h4", "h5", "h6", "li", "hr", "pre"}
_UNSEEN = {"script", "style", "head", "title"}
_TAG = re.compile(r"</?[A-Za-z!]|&[A-Za-z#]")


def plain(markup: str) -> str:
    """Line breaks, items and the addresses of links stay, scripts and styles go; what is no markup is unchanged."""
    if not _TAG.search(markup):
        return markup
    seen: list[str] = []
    href, hidden = "", ""
    for piece in _PIECE.finditer(markup):
        closes, name, attributes = piece[1], (piece[2] or "").lower(), piece[3] or ""
        if hidden:
            hidden = "" if closes and name == hidden else hidden
        elif name in _UNSEEN:
            hidden = "" if closes else name
        elif name == "a":
            seen.append(f" ({href})" if closes and href else "")
            href = "" if closes or not (found := _HREF.search(attributes)) else html.unescape(found[1])
        elif name:
            seen.append(_of_tag(name, closes))
        elif piece[0] == "<" or not piece[0].startswith("<"):
            seen.append(html.unescape(re.sub(r"[ \t\r\n]+", " ", piece[0])))
    return "\n".join(filter(None, (line.strip() for line in "".join(seen).split("\n"))))


def _of_tag(name: str, closes: str) -> str:
    if name == "li" and not closes:
        return "\n- "
    if name in {"td", "th"}:
        return " "
    return "\n" if name in _BREAKS else ""
