"""The review as Markdown that reads well in a wiki of Azure DevOps, in Teams and in a repository."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import tzinfo

from worker.incidents.figures.durations import DURATIONS
from worker.incidents.review.markdown_axis import Axis
from worker.incidents.review.markdown_text import link, one_line, quoted_lines
from worker.incidents.review.markdown_time import TwoClocks, spelled
from worker.incidents.review.review import Review, ReviewedTime, StatedSeverity
from worker.incidents.review.timeline_event import TimelineEvent, TimelineSource

_KNOWN_WHEN = frozenset({"impact", "severity", "update", "opened", "mitigated", "relapsed", "resolved", "reopened"})
_FOR_PEOPLE = ("Contributing conditions", "What helped", "What hindered", "What surprised us")
_UPDATES = frozenset({"update", "nothing-new"})
_AT_ONCE_SECONDS = 60


def markdown_of(review: Review, zone: tzinfo) -> str:
    """The same review makes the same text. `zone`: of the service, whose time stands beside UTC."""
    return "\n".join(_Document(review, TwoClocks(zone)).lines()).rstrip() + "\n"


class _Document:
    def __init__(self, review: Review, clocks: TwoClocks) -> None:
        self._review = review
        self._clocks = clocks
        self._timeline = review.timeline
        self._axis = Axis(review.timeline, clocks)

    def lines(self) -> Iterator[str]:
        incident = self._review.incident
        yield from (f"# {one_line(incident.title)}", "")
        yield from self._preface()
        yield from _section("Summary", ["_To be written: one paragraph, people by their roles._"])
        yield from _section("Facts", _table(("fact", "value"), self._facts()))
        yield from _section("Times and durations", (*self._times(), "", *self._durations()))
        yield from _section("Timeline", self._key_moments())
        yield from self._whole_timeline()
        yield from _section("What was known when", self._known_when())
        yield from _section("Updates as sent", self._updates())
        yield from _section("Who was told and when", self._told())
        yield from _section("Open questions and action items", self._actions())
        for title in _FOR_PEOPLE:
            yield from _section(title, ["_To be written._"])

    def _preface(self) -> Iterator[str]:
        review = self._review
        made = f"Review of {review.incident.incident_id}, made {self._clocks.moment(review.generated_at)}."
        since = f" The timeline begins at {self._clocks.moment(review.since)}." if review.since is not None else ""
        yield from (made + since, "")
        if review.gaps:
            yield from ("**What could not be read:**", "", *(f"- {one_line(gap)}" for gap in review.gaps), "")

    def _facts(self) -> Iterator[tuple[str, str]]:
        incident = self._review.incident
        state = incident.state or "not begun"
        since = f" since {self._clocks.moment(incident.since)}" if incident.since is not None else ""
        known = (
            ("incident", one_line(incident.incident_id)),
            ("state", state + since),
            ("launch", incident.launch),
            ("severity", " → ".join(map(self._severity, incident.severities))),
            ("service", one_line(incident.service)),
            ("impact", one_line(incident.impact)),
            ("services hurt", one_line(", ".join(incident.services))),
            ("regions hurt", one_line(", ".join(incident.regions))),
            ("customers hurt", one_line(str(incident.customers))),
            ("found by", one_line(incident.detection_source)),
            ("owner", one_line(incident.owner)),
            ("phase", one_line(incident.phase)),
            ("reopened", f"{incident.reopened} times" if incident.reopened > 1 else "once" * incident.reopened),
            ("merged into", one_line(incident.merged_into)),
            ("merged from", one_line(", ".join(incident.merged_from))),
            ("declined because", one_line(incident.declined_because)),
            *((f"role {one_line(held.role)}", self._held(number)) for number, held in enumerate(self._review.roles)),
            ("links", ", ".join(link(each.text, each.url) for each in incident.links)),
        )
        return ((name, value) for name, value in known if value)

    def _severity(self, stated: StatedSeverity) -> str:
        return f"{stated.severity} ({self._clocks.moment(stated.at)}, {one_line(stated.by)})"

    def _held(self, number: int) -> str:
        held = self._review.roles[number]
        until = f"until {self._clocks.moment(held.until)}" if held.until is not None else "has it"
        topic = f" for {one_line(held.topic)}" if held.topic else ""
        return f"{one_line(held.person)}{topic}, from {self._clocks.moment(held.since)}, {until}"

    def _times(self) -> Iterator[str]:
        rows = ((_spoken(name), *self._time(time)) for name, time in self._review.times.items())
        return _table(("time", "when", "said by", "before"), rows)

    def _time(self, time: ReviewedTime) -> tuple[str, str, str]:
        by = ", ".join(filter(None, (one_line(time.source), one_line(time.by))))
        later = (time.recorded_at - time.value).total_seconds() > _AT_ONCE_SECONDS
        noted = f" (noted at {self._clocks.moment(time.recorded_at)})" if later else ""
        return self._clocks.moment(time.value), by + noted, ", ".join(map(self._clocks.moment, time.former))

    def _durations(self) -> Iterator[str]:
        rows = (
            (each.title, spelled(self._review.durations.get(each.name)), each.span, each.caveat) for each in DURATIONS
        )
        return _table(("duration", "how long", "from → to", "mind"), rows)

    def _key_moments(self) -> Iterator[str]:
        return self._axis.lines(event for event in self._timeline if event.key)

    def _whole_timeline(self) -> Iterator[str]:
        count = len(self._timeline)
        yield from ("<details>", f"<summary>The full timeline: {count:,} entries</summary>")
        yield from self._axis.lines(self._timeline, threaded=True)
        yield from ("", "</details>", "")

    def _known_when(self) -> Iterator[str]:
        said = [each for each in self._of_response() if each.kind in _KNOWN_WHEN]
        return self._axis.lines(said) if said else iter(["Nobody said anything of it."])

    def _updates(self) -> Iterator[str]:
        sent = [each for each in self._of_response() if each.kind in _UPDATES]
        if not sent:
            yield "None was sent."
        for each in sent:
            yield from (
                f"**{self._clocks.moment(each.at)}**, {one_line(each.actor)}:",
                "",
                *quoted_lines(each.text),
                "",
            )

    def _told(self) -> Iterator[str]:
        called = [each for each in self._timeline if each.source is TimelineSource.CALLS]
        return self._axis.lines(called) if called else iter(["Nobody was told."])

    def _actions(self) -> Iterator[str]:
        noted = [each for each in self._of_response() if each.kind in {"action", "question"}]
        if not noted:
            yield "None was noted."
        for each in noted:
            box = "- [ ] " if each.kind == "action" else "- "
            yield f"{box}{one_line(each.text)} ({one_line(each.actor)}, {self._clocks.moment(each.at)})"

    def _of_response(self) -> Sequence[TimelineEvent]:
        return [each for each in self._timeline if each.source is TimelineSource.RESPONSE]


def _section(title: str, lines: Iterable[str]) -> Iterator[str]:
    body = list(lines)
    while body and not body[0]:
        body.pop(0)
    while body and not body[-1]:
        body.pop()
    yield from (f"## {title}", "", *body, "")


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """The cells are Markdown already."""
    yield f"| {' | '.join(head)} |"
    yield f"|{'---|' * len(head)}"
    yield from (f"| {' | '.join(row)} |" for row in rows)


def _spoken(name: str) -> str:
    return name.removesuffix("_at").replace("_", " ")
