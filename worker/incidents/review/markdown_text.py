"""Words of people in a document of Markdown: they can break nothing of it, and make no HTML."""

import re
from urllib.parse import quote

from worker.domain.text import clean, clean_line

# What begins or ends something in the middle of a line; `$` and `:` for the mathematics and boxes of Azure's wikis.
_INLINE = re.compile(r"[\\`*_\[\]|~#$!]")
_MARKUP = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
# What begins a block where a line begins.
_BLOCK = re.compile(r"^([-+=:]|\d{1,9}(?=[.)]))")
_WEB = ("http://", "https://")
# Of an address, beside what is escaped anyway: nothing that ends it.
_IN_ADDRESS = "/:?#@!$&'*+,;=%-._~"


def one_line(text: str) -> str:
    """In a line of ours, such as a cell of a table or an item of a list."""
    return _escaped(clean_line(text))


def quoted_lines(text: str) -> list[str]:
    """As a quotation: each of its lines begins with the mark of one."""
    lines = [" ".join(line.split()) for line in clean(text).splitlines()]
    return [f"> {_BLOCK.sub(_with_backslash, _escaped(line))}".rstrip() for line in lines]


def link(text: str, url: str) -> str:
    """The words alone where the address is none of the web."""
    if not url.startswith(_WEB):
        return one_line(text)
    return f"[{one_line(text) or 'link'}](<{quote(clean_line(url), safe=_IN_ADDRESS)}>)"


def _escaped(text: str) -> str:
    return _INLINE.sub(r"\\\g<0>", text.translate(_MARKUP))


def _with_backslash(match: re.Match[str]) -> str:
    """Of a number the sign behind it is what makes a list."""
    begun = match[1]
    return f"{begun}&#8203;" if begun[0].isdigit() else f"\\{begun}"
