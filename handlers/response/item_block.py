"""What Tocsin keeps at the head of a work item's description: between two marks, and rewritten whole.

What stands outside of the marks is people's. The last line tells what we left behind, so that what a person changes
since is known as theirs, and an older version is never written over a newer one.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from html import escape, unescape
from typing import Self

from handlers.how_it_stands import day_and_time, how_it_stands
from handlers.response_facts import (
    escalation_facts,
    impact_facts,
    name_of,
    people_facts,
    relation_facts,
    severity_of,
    time_facts,
)
from handlers.restricted import response_for_everybody
from handlers.severities import explained
from worker.domain.markup import plain
from worker.domain.response.response import Response
from worker.domain.text import cut

_BEGIN = "Kept current by Tocsin down to the line that says so"
_END = "So far Tocsin"
_LEFT = re.compile(r"So far Tocsin: entry (\d{1,9}) · severity (\d) · state ([^·<]{0,300}) · owner ([^·<]{0,300})\.")
_VALUE_LIMIT = 2_000


@dataclass(frozen=True, slots=True)
class LeftBehind:
    """How we left the item: showing this entry, with this severity and state, and this owner if we gave it one."""

    seq: int
    severity: int
    state: str
    owner: str = ""

    @classmethod
    def of(cls, description: str) -> Self | None:
        found = _LEFT.search(_block(description))
        if found is None:
            return None
        seq, severity, state, owner = found.groups()
        return cls(int(seq), int(severity), unescape(state), unescape(owner))

    def __str__(self) -> str:
        said = (escape(each.replace("·", " ")) for each in (self.state, self.owner))
        return "So far Tocsin: entry {} · severity {} · state {} · owner {}.".format(self.seq, self.severity, *said)


def with_block(description: str, response: Response, left: LeftBehind) -> str:
    """The description with what we keep at its head, or the very same one where that says so already."""
    start, end = _span(description)
    new = f"<div><p><b>{_BEGIN}</b></p>{_table(response_for_everybody(response))}<p><i>{left}</i></p></div>"
    if _LEFT.sub(_without_entry, plain(description[start:end])) == _LEFT.sub(_without_entry, plain(new)):
        return description
    return new + description[:start] + description[end:]


def _without_entry(found: "re.Match[str]") -> str:
    return " ".join(found.groups()[1:])


def _block(description: str) -> str:
    start, end = _span(description)
    return description[start:end]


def _span(description: str) -> tuple[int, int]:
    """From the first mark's element to the end of the last one's; nothing where a person took one of them away."""
    begin = description.find(_BEGIN)
    end = description.find(_END, begin + 1)
    if begin < 0 or end < 0:
        return 0, 0
    start = max(description.rfind("<div", 0, begin), 0)
    close = description.find("</div>", end)
    if close < 0:
        return start, len(description)
    return start, close + len("</div>")


def _table(response: Response) -> str:
    rows = "".join(
        f"<tr><td><b>{escape(name)}</b></td><td>{escape(cut(_VALUE_LIMIT)(value))}</td></tr>"
        for name, value in _facts(response)
        if value
    )
    return f"<table>{rows}</table>"


def _facts(response: Response) -> Iterator[tuple[str, str]]:
    yield "Response", how_it_stands(response)
    yield "Severity", explained(severity_of(response))
    yield "Impact", response.impact.text if response.impact else ""
    yield from impact_facts(response.impact, _moment)
    yield from people_facts(response)
    yield from time_facts(response, _moment)
    yield from escalation_facts(response, _moment)
    yield from relation_facts(response)
    if (last := response.last_update) is not None:
        yield "Last update", f"{day_and_time(last.at)}, {name_of(response, last.by)}: {last.text}"


def _moment(at: datetime | None) -> str:
    return day_and_time(at) if at else ""
