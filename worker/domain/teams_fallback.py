"""Where an incident is announced while its own channel cannot be had, as a setting says it."""

import re
from dataclasses import dataclass

FIRST_CHANNEL, CHATS = "first-channel", "chats"
_TEAM = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_CHANNEL = re.compile(r"19:[^\s,/?#]{1,200}@thread\.(tacv2|skype)")


@dataclass(frozen=True, slots=True)
class Fallback:
    """`channels` in the order in which they are tried: `first-channel`, the id of a team or of a channel.

    `chats`: whether people are written to one by one where no channel takes it.
    """

    channels: tuple[str, ...] = ()
    chats: bool = False


def read_fallback(text: str) -> Fallback:
    """From `first-channel, chats`; raises ValueError with a sentence that names what is not understood."""
    words = [word if word.startswith("19:") else word.casefold() for word in text.replace(",", " ").split()]
    for word in words:
        if not (word in {FIRST_CHANNEL, CHATS} or _TEAM.fullmatch(word) or _CHANNEL.fullmatch(word)):
            raise ValueError(
                f"{word[:100]!r} is no place: write {FIRST_CHANNEL}, {CHATS}, the id of a team such as "
                "11111111-2222-3333-4444-555555555555, or that of a channel such as 19:…@thread.tacv2"
            )
    channels = dict.fromkeys(word for word in words if word != CHATS)
    return Fallback(tuple(channels), chats=CHATS in words)
