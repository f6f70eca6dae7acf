"""Text from outside: cleaned of what no reader sees, and cut to a length."""

import re
import unicodedata
from collections.abc import Callable

SHORT_LIMIT = 256
_QUOTE_LIMIT = 300
# Looking at each character takes longer than all else that the intake does with an event.
_PLAIN = re.compile(r"[\n\t -~]*")
_LINE_ENDS = re.compile(r"\r\n|[\r\x0b\x0c\x85\u2028\u2029]")

# What hides, or turns the direction of what stands beside it, wherever it stands; ranges for a pattern.
HIDING = (
    "\\x00-\\x08\\x0e-\\x1f\\x7f-\\x9f"  # controls
    "\u00ad\u034f"  # soft hyphen, grapheme joiner
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # marks, embeddings, overrides and isolates of direction
    "\u115f\u1160\u3164\uffa0\u17b4\u17b5\u180e"  # fillers and vowels that are never seen
    "\u200b\u2060-\u2065\u206a-\u206f\ufeff\ufff0-\ufffb\ufffe\uffff"  # nothing's width, operators, annotations
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"  # controls of shorthand and of music
    "\U000e0000-\U000e00ff\U000e01f0-\U000e0fff"  # tags
    "\ud800-\udfff\ue000-\uf8ff\U000f0000-\U0010ffff"  # halves of pairs, and what means something in private only
)
# A region's flag is a black one and the region's letters as tags, up to the one that ends them.
_FLAG = "\U0001f3f4[\U000e0030-\U000e0039\U000e0061-\U000e007a]{3,6}\U000e007f"
_HIDDEN = re.compile(f"({_FLAG})|[{HIDING}]+")

_JOINERS = "\u200c\u200d"
_SELECTORS = "\u180b-\u180d\u180f\ufe00-\ufe0f\U000e0100-\U000e01ef"
_SHAPING = re.compile(f"[{_JOINERS}{_SELECTORS}]")
# A selector chooses the form of the one character before it: a digit of a keycap, or anything that is not ASCII.
_IDLE_SELECTOR = re.compile(f"(?<![0-9#*\u00a1-\u167f\u1681-\u180a\u1810-\u1fff\u203c-\u205e\u2070-\u2fff\u3001-\ufdff"
                            f"\ufe10-\U000e00ff])[{_SELECTORS}]")  # fmt: skip
_MORE_JOINERS = re.compile(f"([{_JOINERS}])[{_JOINERS}]+")
# Letters, marks and symbols of scripts in which joiners have a meaning, and emoji; without punctuation and spaces.
_SHAPED = (
    "\u0531-\u0556\u0561-\u0588\u0591-\u05bd\u05d0-\u05f2\u0610-\u061a\u0620-\u0669\u066e-\u06d3\u06d5-\u06ff"
    "\u0710-\u0963\u0966-\u096f\u0971-\u0df3\u0e01-\u0e4e\u0e81-\u0f03\u0f10-\u1049\u1050-\u135f\u1380-\u167f"
    "\u1681-\u169a\u16a0-\u16ea\u1700-\u1734\u1740-\u17d3\u17d7\u17db-\u17ff\u1806-\u1fff\u203c\u2049\u2070-\u2fff"
    "\u3005-\u3007\u3012\u3021-\u302f\u3030-\u303c\u3041-\ufd3d\ufd40-\ufdff\ufe00-\ufe0f\ufe20-\ufe2f\ufe70-\ufefe"
    "\U00010000-\U0001ffff\U00020000-\U0003ffff\U000e007f\U000e0100-\U000e01ef"
)
_BESIDE = f"0-9A-Za-z\u00a1-\u0530{_SHAPED}"
# Behind the sign that takes a consonant's vowel away a joiner chooses the consonant's form, whatever follows.
_VIRAMA = (
    "\u094d\u09cd\u0a4d\u0acd\u0b4d\u0bcd\u0c4d\u0ccd\u0d3b\u0d3c\u0d4d\u0dca\u0e3a\u0eba\u0f84\u1039\u103a\u1714\u1734"
    "\u17d2\u1a60\u1b44\u1baa\u1bab\u1bf2\u1bf3\ua806\ua8c4\ua953\ua9c0\uaaf6\uabed\U00011046\U0001107f\U000110b9"
    "\U00011133\U00011134\U000111c0\U00011235\U000112ea\U0001134d\U00011442\U000114c2\U000115bf\U0001163f"
)
_ARABIC_LETTERS = "\u0620-\u064a\u066e-\u06d3\u06fa-\u06ff\u0750-\u077f\u08a0-\u08c9"
_JOINER = re.compile(
    f"((?<=[{_SHAPED}])[{_JOINERS}](?=[{_BESIDE}])|(?<=[{_BESIDE}])[{_JOINERS}](?=[{_SHAPED}])"
    f"|(?<=[{_VIRAMA}])[{_JOINERS}]|(?<=[{_ARABIC_LETTERS}])\u200d(?=\\S))|[{_JOINERS}]"
)

# So many characters at most are looked at to find where one that people see begins; a longer one is a prank.
_LONGEST_SEEN = 32
_ENCLOSING = frozenset({"Mn", "Mc", "Me"})
_REGIONAL = ("\U0001f1e6", "\U0001f1ff")
_SKIN = ("\U0001f3fb", "\U0001f3ff")
_TAGS = ("\U000e0020", "\U000e007f")


def clean(text: str) -> str:
    """The text without what hides or turns the reading direction; what shapes words and emoji stays, where it does.

    Line breaks, each as `\\n`, and tabs stay.
    """
    if _PLAIN.fullmatch(text):
        return text.strip()
    seen = _HIDDEN.sub(r"\1", _LINE_ENDS.sub("\n", text))
    return (_shaped(seen) if _SHAPING.search(seen) else seen).strip()


def _shaped(text: str) -> str:
    """Without joiners that join nothing, and selectors that select nothing: each could hide what is written in them."""
    return _JOINER.sub(r"\1", _MORE_JOINERS.sub(r"\1", _IDLE_SELECTOR.sub("", text)))


def clean_line(text: str) -> str:
    return " ".join(clean(text).split())


def cut(limit: int) -> Callable[[str], str]:
    def cut(text: str) -> str:
        return shortened(text, limit)

    return cut


def shortened(text: str, limit: int) -> str:
    """At most so many characters, the last of them an ellipsis where something is left out."""
    return text if len(text) <= limit else text[: whole_end(text, limit - 1)].rstrip() + "…"


def whole_end(text: str, end: int) -> int:
    """Where to cut at the latest so that no letter loses its marks, no emoji its parts and no flag its half."""
    if end >= len(text):
        return len(text)
    for place in range(end, max(end - _LONGEST_SEEN, 0), -1):
        if not _continues(text, place):
            return place
    return end if end > _LONGEST_SEEN else 0


def _continues(text: str, place: int) -> bool:
    before, after = text[place - 1], text[place]
    if after in _JOINERS or before in _JOINERS or unicodedata.category(after) in _ENCLOSING:
        return True
    if _is_within(after, _SKIN) or _is_within(after, _TAGS):
        return True
    return _is_within(after, _REGIONAL) and _regional_before(text, place) % 2 == 1


def _regional_before(text: str, place: int) -> int:
    number = 0
    while number < min(place, _LONGEST_SEEN) and _is_within(text[place - number - 1], _REGIONAL):
        number += 1
    return number


def _is_within(character: str, ends: tuple[str, str]) -> bool:
    return ends[0] <= character <= ends[1]


def quoted(text: object) -> str:
    """Words of a foreign system, fit for one of our sentences."""
    line = clean_line(text) if isinstance(text, str) else ""
    return shortened(line, _QUOTE_LIMIT).rstrip(".")
