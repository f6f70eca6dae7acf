"""How layers and several names are told in a sentence, for whoever tells of schedules."""

import re
from collections.abc import Sequence

_NUMBERED = re.compile(r"layer \d+")
_NAMED = 5


def layer_told(name: str) -> str:
    """`layer week`; one without a name of its own is called `layer 2` already."""
    return name if _NUMBERED.fullmatch(name) else f"layer {name}"


def listed(names: Sequence[str]) -> str:
    """`ada, ben and 3 more`."""
    if len(names) <= _NAMED:
        return " and ".join(filter(None, (", ".join(names[:-1]), names[-1]))) if names else ""
    return f"{', '.join(names[: _NAMED - 1])} and {len(names) - _NAMED + 1} more"
