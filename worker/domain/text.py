"""Text from outside: cleaned of what no reader sees, and cut to a length."""

import re
import unicodedata
from collections.abc import Callable

SHORT_LIMIT = 256
_QUOTE_LIMIT = 300
# Looking at each character takes longer than all else that the intake does with an event.
_PLAIN = re.compile(r"[\n\t -~]*")


def clean(text: str) -> str:
    """The text without control, private and direction-changing characters; line breaks and tabs stay."""
    if _PLAIN.fullmatch(text):
        return text.strip()
    return "".join(c for c in text if c in "\n\t" or unicodedata.category(c) not in {"Cc", "Cf", "Co", "Cs"}).strip()


def clean_line(text: str) -> str:
    return " ".join(clean(text).split())


def cut(limit: int) -> Callable[[str], str]:
    def cut(text: str) -> str:
        return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"

    return cut


def quoted(text: object) -> str:
    """Words of a foreign system, fit for one of our sentences."""
    line = clean_line(text) if isinstance(text, str) else ""
    return (line if len(line) <= _QUOTE_LIMIT else line[: _QUOTE_LIMIT - 1] + "…").rstrip(".")
