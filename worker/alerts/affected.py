"""What is affected, in the title where its words do not name it: the alerts of two machines never read the same."""

from collections.abc import Mapping, Sequence

from worker.domain.event import TITLE_LIMIT
from worker.domain.text import clean_line

_NAMED = 3
# Of details whose names their senders choose, those that say what is affected, the most telling first.
_DETAILS = ("host", "hostname", "node", "pod", "instance", "database", "queue", "url")


def titled(title: str, affected: Sequence[str]) -> str:
    """`affected`: names as people know them, what they are of first, such as a machine and its drive."""
    names = list(dict.fromkeys(filter(None, map(clean_line, affected))))
    read = title[:TITLE_LIMIT]
    missing = [name for name in names if not is_named(name, read)]
    if not missing:
        return title
    return f"{title} on {_listed(missing)}" if missing == names else f"{title} ({_listed(missing)})"


def affected_in(details: Mapping[str, str]) -> list[str]:
    """By the names of details, in whatever case they are."""
    lowered = {name.lower(): value for name, value in details.items()}
    return list(dict.fromkeys(filter(None, (clean_line(lowered.get(name, "")) for name in _DETAILS))))


def is_named(name: str, title: str) -> bool:
    """As a whole word; without a pattern for each name, of which a payload may hold a hundred thousand."""
    words, told = name.lower(), title.lower()
    place = told.find(words)
    while place >= 0:
        end = place + len(words)
        if not (_is_letter(told[max(place - 1, 0) : place]) or _is_letter(told[end : end + 1])):
            return True
        place = told.find(words, place + 1)
    return False


def _is_letter(character: str) -> bool:
    return character.isalnum() or character == "_"


def _listed(names: Sequence[str]) -> str:
    more = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {more:,} more" if more > 0 else "")
