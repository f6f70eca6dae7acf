"""By which ways a person is paged for which severity, as a roster's column and a setting say it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from worker.domain.event import Severity
from worker.domain.severity_range import severities_named
from worker.domain.text import quoted

MENTION, CHAT, SMS, WEBHOOK = "mention", "chat", "sms", "webhook:"
_TEXT_LIMIT = 1_000
_WAY = re.compile(rf"{MENTION}|{CHAT}|{SMS}|{WEBHOOK}[a-z0-9-]{{1,32}}")
_ENTRIES = re.compile(r"[,;\n]")
_WORDS = re.compile(r"[+&/\s]+")
# Blanks around these belong to what they join.
_JOINTS = re.compile(r"\s*(\.\.|[-:=\u2013])\s*")
_EXAMPLE = "write 1-2=mention+sms, 3-5=mention"


@dataclass(frozen=True, slots=True)
class PagingWays:
    """`by_severity`: the ways of severity 1, then of 2, and so on to 5; none of them is without any."""

    by_severity: tuple[tuple[str, ...], ...]

    def for_severity(self, severity: Severity) -> tuple[str, ...]:
        """The ways in the order in which they are written: mention, chat, sms, webhook:NAME."""
        return self.by_severity[severity - 1]


def read_paging_ways(text: str) -> PagingWays:
    """From `mention+sms`, for all severities, or `1-2=mention+sms, critical=webhook:pager`; a severity that is not
    named is told by a mention. Raises ValueError with a sentence that names what is not understood.
    """
    if len(text) > _TEXT_LIMIT:
        raise ValueError(f"is longer than {_TEXT_LIMIT} characters")
    joined = _JOINTS.sub(r"\1", text.casefold())
    entries = [entry.strip() for entry in _ENTRIES.split(joined) if entry.strip()]
    if not entries:
        raise ValueError(f"names no way to reach a person: {_EXAMPLE}")
    if not any("=" in entry for entry in entries):
        return PagingWays((_ways(" ".join(entries)),) * len(Severity))
    chosen: dict[Severity, tuple[str, ...]] = {}
    for entry in entries:
        _add(entry, chosen)
    return PagingWays(tuple(chosen.get(severity, (MENTION,)) for severity in Severity))


def _add(entry: str, chosen: dict[Severity, tuple[str, ...]]) -> None:
    severities, given, ways = entry.partition("=")
    if not given:
        raise ValueError(f"{quoted(entry)!r} stands beside entries with severities and names none: {_EXAMPLE}")
    words = _words(severities)
    if not words:
        raise ValueError(f"{quoted(entry)!r} names no severity before its =: {_EXAMPLE}")
    for severity in sorted({severity for word in words for severity in severities_named(word)}):
        if severity in chosen:
            raise ValueError(f"severity {severity.value} is named twice: {_EXAMPLE}")
        chosen[severity] = _ways(ways)


def _ways(text: str) -> tuple[str, ...]:
    words = _words(text)
    if not words:
        raise ValueError(f"a severity is given no way to reach a person: {_EXAMPLE}")
    for word in words:
        if not _WAY.fullmatch(word):
            raise ValueError(
                f"{quoted(word)!r} is no way to reach a person; there are {MENTION}, {CHAT}, {SMS} and "
                f"{WEBHOOK}NAME, with a name of at most 32 letters a-z, digits and hyphens"
            )
    return tuple(dict.fromkeys(words))


def _words(text: str) -> Sequence[str]:
    return [word for word in _WORDS.split(text) if word]
