"""A launch in trouble, in sentences: what fails, what becomes of it, and the command that mends it."""

from collections.abc import Iterator
from typing import Any

from handlers import cards
from handlers.marks import TROUBLE, mark
from handlers.sanitizing import cut, harmless, unmentioned
from worker.clients.posting.poster import Announcement
from worker.domain.incident import Incident
from worker.domain.launch_report import Report, Trouble

_TITLE_LIMIT = 200
_SENTENCE_LIMIT = 1_500
_SUMMARY_LIMIT = 255
_WHAT = {
    Trouble.WAITS: "The launch of this incident waits. It is tried again by itself.",
    Trouble.GIVEN_UP: "The launch of this incident was given up; its message is in the dead letters.",
    Trouble.OVER: "The launch of this incident was in trouble, and is done now.",
}
_COMMAND = {
    Trouble.WAITS: "To see how far it is: tocsin incidents show {id}",
    Trouble.GIVEN_UP: "Once the cause is mended: tocsin dead-letters replay --incident {id} --yes",
    Trouble.OVER: "To see how it went: tocsin incidents show {id}",
}


def in_sentences(incident: Incident, report: Report) -> Iterator[str]:
    yield _WHAT[report.trouble]
    if report.sentence:
        yield cut(report.sentence, _SENTENCE_LIMIT)
    yield _COMMAND[report.trouble].format(id=incident.id)


def report_mark(incident: Incident, trouble: Trouble) -> str:
    """What a report is found by again, and what it says."""
    return f"{mark(incident, TROUBLE)}/{trouble}"


def as_message(incident: Incident, report: Report) -> Announcement:
    title = cut(incident.event.shown_title, _TITLE_LIMIT)
    return Announcement(
        marker=mark(incident, TROUBLE),
        summary=cut(unmentioned(f"{_WHAT[report.trouble]} {title}"), _SUMMARY_LIMIT),
        card=cards.card(_body(incident, report, title), fallback=f"{incident.id}: {_WHAT[report.trouble]}"),
        urgent=report.trouble is Trouble.GIVEN_UP,
    )


def _body(incident: Incident, report: Report, title: str) -> Iterator[dict[str, Any]]:
    looks = {"color": "Good"} if report.trouble is Trouble.OVER else {"color": "Attention"}
    yield from cards.plain(title, weight="Bolder")
    what, *more = in_sentences(incident, report)
    yield cards.markdown(what, weight="Bolder", **looks)
    yield from (cards.markdown(harmless(sentence)) for sentence in more)
    yield cards.small_print(incident.id, report_mark(incident, report.trouble))
