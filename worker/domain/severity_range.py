"""Severities as people write them in a setting: one by its number or name, several from one to another, or all."""

import re
from collections.abc import Iterator

from worker.domain.event import Severity
from worker.domain.text import quoted

_NUMBERS = {name: severity for severity in Severity for name in (severity.label, str(severity.value))}
_ALL = {"all", "*"}
_RANGE = re.compile(r"-|\u2013|\.\.")


def severities_named(word: str) -> Iterator[Severity]:
    """By a word in lower case, without blanks; raises ValueError with a sentence that names what is no severity."""
    if word in _ALL:
        yield from Severity
        return
    ends = [_severity(end) for end in _RANGE.split(word, maxsplit=1)]
    yield from (severity for severity in Severity if min(ends) <= severity <= max(ends))


def _severity(word: str) -> Severity:
    if word not in _NUMBERS:
        raise ValueError(f"{quoted(word)!r} is no severity, which is 1 (critical) to 5 (information)")
    return _NUMBERS[word]
