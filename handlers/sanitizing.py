"""An alert's words, made safe for the places of a Teams message: they may make no link and no mention."""

import re

from worker.domain.text import shortened

_HARMLESS = str.maketrans({"[": "(", "]": ")", "<": "\u2039", ">": "\u203a"})
_MENTION_TAG = re.compile(r"<(?=/?at\b)", re.IGNORECASE)


def harmless(text: str) -> str:
    """For places that read Markdown: with these four replaced, it can make no link and no mention."""
    return text.translate(_HARMLESS)


def unmentioned(text: str) -> str:
    """For places that read no Markdown, where only the tag around a mentioned name has a meaning."""
    return _MENTION_TAG.sub("\u2039", text)


def cut(text: str, limit: int) -> str:
    return shortened(text, limit) if limit else ""
