"""What is affected, in the title where its words do not name it: the alerts of two machines never read the same."""

import re
from collections.abc import Sequence

from worker.domain.text import clean_line

_NAMED = 3


def titled(title: str, affected: Sequence[str]) -> str:
    """`affected`: names as people know them, what they are of first, such as a machine and its drive."""
    names = list(dict.fromkeys(filter(None, map(clean_line, affected))))
    missing = [name for name in names if not is_named(name, title)]
    if not missing:
        return title
    return f"{title} on {_listed(missing)}" if missing == names else f"{title} ({_listed(missing)})"


def is_named(name: str, title: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(name)}(?!\w)", title, re.IGNORECASE) is not None


def _listed(names: Sequence[str]) -> str:
    more = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {more} more" if more > 0 else "")
