"""How sentences of a response say when it was, and how it stands."""

from collections.abc import Iterable
from datetime import UTC, datetime

from worker.domain.event import Severity
from worker.domain.response.response import PersonRef, Response
from worker.domain.response.state import ResponseState
from worker.lifecycle.response.circumstances import Circumstances

# What people wrote may end so, in their script, and needs no full stop of ours.
_ENDS = tuple(".!?:)\u2026\u3002\uff01\uff1f\u0964\u061f\u06d4")


def clock_words(moment: datetime, now: datetime) -> str:
    """`10:04 UTC`, with its day where that is not today's."""
    there, here = moment.astimezone(UTC), now.astimezone(UTC)
    if there.date() == here.date():
        return f"{there:%H:%M} UTC"
    return f"{there:%H:%M} UTC on {there.day} {there:%B}" + ("" if there.year == here.year else f" {there.year}")


def severity_words(severity: int) -> str:
    return f"severity {severity} ({Severity(severity).label})"


def name_of(response: Response, known: Circumstances, person: str) -> str:
    """What people call somebody who is named in the response."""
    named = (response.owner, *response.told, *(span.person for span in response.roles), *response.members)
    found = next((ref.name for ref in named if ref is not None and ref.person == person), "")
    return found or known.people.ref(person).name


def standing(response: Response, known: Circumstances) -> str:
    """How it stands, since when and by whom, as a sentence without its full stop."""
    since = clock_words(response.since, known.now)
    by = f", by {name_of(response, known, response.by)}" if response.by else ""
    if response.state is ResponseState.MERGED:
        return f"It was merged into {response.merged_into} at {since}{by}"
    if response.state is ResponseState.DECLINED:
        return f"It was declined at {since}{by}"
    return f"It is {response.state} since {since}{by}"


def listed(words: Iterable[str], last: str = "and") -> str:
    """`a, b and c`, all of them."""
    every = list(words)
    return f" {last} ".join(filter(None, [", ".join(every[:-1]), *every[-1:]]))


def names(people: Iterable[PersonRef]) -> str:
    return listed(person.name for person in people)


def joined(*sentences: str) -> str:
    """One behind the other, each with its end; those that are empty are none."""
    return " ".join(_ended(each.strip()) for each in sentences if each.strip())


def _ended(sentence: str) -> str:
    return sentence if sentence.endswith(_ENDS) else f"{sentence}."
