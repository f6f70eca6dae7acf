"""The review of one incident: all that is known of it, in one document; the same sources make the same document."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Literal

from pydantic import AwareDatetime, BaseModel, Field

from worker.domain.response.response import Response
from worker.incidents.figures.durations import durations_of
from worker.incidents.figures.known_incident import KnownIncident
from worker.incidents.review.from_alerts import alert_events
from worker.incidents.review.from_calls import call_events
from worker.incidents.review.from_channel import channel_events
from worker.incidents.review.from_launch import launch_events
from worker.incidents.review.from_response import response_events
from worker.incidents.review.from_work_item import work_item_events
from worker.incidents.review.sources import ReviewSources
from worker.incidents.review.timeline_event import TimelineEvent, TimelineLink, on_one_axis

FORMAT: Literal["tocsin-review/1"] = "tocsin-review/1"
_UNKNOWN = "unknown"


class ReviewedTime(BaseModel, frozen=True, extra="forbid"):
    """`former`: the values that it had before, the oldest first."""

    value: AwareDatetime
    source: str
    recorded_at: AwareDatetime
    by: str = ""
    former: tuple[AwareDatetime, ...] = ()


class HeldRole(BaseModel, frozen=True, extra="forbid", populate_by_name=True, serialize_by_alias=True):
    """`until` is null while they have it."""

    role: str
    person: str
    since: AwareDatetime = Field(alias="from")
    until: AwareDatetime | None = Field(alias="to")
    topic: str = ""
    given_by: str = ""


class StatedSeverity(BaseModel, frozen=True, extra="forbid"):
    at: AwareDatetime
    severity: int
    by: str


class ReviewedIncident(BaseModel, frozen=True, extra="forbid"):
    """`state` is the response's, `launch` the launch's, `alerts` theirs: none says anything of the others.

    `customers`: how many, or `unknown`.
    """

    incident_id: str
    key: str
    title: str
    state: str
    since: AwareDatetime | None
    launch: str
    alerts: dict[str, Any] | None
    severity: int
    severities: tuple[StatedSeverity, ...]
    service: str
    impact: str
    services: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    customers: int | str = _UNKNOWN
    detection_source: str
    source: str
    owner: str
    phase: str = ""
    reopened: int = 0
    merged_into: str = ""
    merged_from: tuple[str, ...] = ()
    declined_because: str = ""
    links: tuple[TimelineLink, ...] = ()


class Review(BaseModel, frozen=True, extra="forbid"):
    """`durations` in seconds, null where nobody can say. `gaps`: what could not be read. `since`: where the axis begins
    later than the incident.
    """

    format: Literal["tocsin-review/1"] = FORMAT
    generated_at: AwareDatetime
    since: AwareDatetime | None = None
    incident: ReviewedIncident
    times: dict[str, ReviewedTime]
    durations: dict[str, float | None]
    roles: tuple[HeldRole, ...]
    timeline: tuple[TimelineEvent, ...]
    gaps: tuple[str, ...]

    def to_json(self) -> str:
        return self.model_dump_json(indent=2, by_alias=True)


def review_of(sources: ReviewSources, generated_at: datetime, *, since: datetime | None = None) -> Review:
    """At any time, also while it burns. `since`: nothing older stands on the axis."""
    known = sources.known
    timeline = on_one_axis(_events(sources))
    return Review(
        generated_at=generated_at,
        since=since,
        incident=_incident(sources),
        times={name: ReviewedTime.model_validate(time) for name, time in _times(known).items()},
        durations={
            name: None if took is None else round(took.total_seconds(), 3) for name, took in durations_of(known).items()
        },
        roles=tuple(_roles(known.response)),
        timeline=tuple(each for each in timeline if since is None or each.at >= since),
        gaps=sources.gaps,
    )


def _events(sources: ReviewSources) -> Iterator[TimelineEvent]:
    known = sources.known
    yield from alert_events(known.history)
    yield from launch_events(known)
    yield from call_events(known)
    yield from response_events(known)
    yield from channel_events(sources.lines, sources.pins)
    yield from work_item_events(sources.changes)


def _incident(sources: ReviewSources) -> ReviewedIncident:
    known, history, event = sources.known, sources.known.history, sources.known.history.event
    given: dict[str, Any] = {
        "incident_id": history.incident_id,
        "key": history.key,
        "title": event.title,
        "state": "",
        "since": None,
        "launch": history.state.value,
        "alerts": history.alerts.model_dump(mode="json", exclude={"reports"}) if history.alerts is not None else None,
        "severity": known.severity,
        "severities": tuple(_severities(known)),
        "service": event.service,
        "impact": event.impact,
        "detection_source": event.detection_source.value,
        "source": event.source,
        "owner": "",
        "links": sources.links,
    }
    if known.response is not None:
        given |= _of_response(known.response, event.impact)
    return ReviewedIncident.model_validate(given)


def _of_response(response: Response, first_impact: str) -> Mapping[str, Any]:
    impact = response.impact
    return {
        "title": response.title,
        "state": response.state.value,
        "since": response.since,
        "impact": impact.text if impact is not None and impact.text else first_impact,
        "services": impact.services if impact is not None else (),
        "regions": impact.regions if impact is not None else (),
        "customers": _UNKNOWN if impact is None or impact.customers is None else impact.customers,
        "owner": response.owner.name if response.owner is not None else "",
        "phase": response.phase,
        "reopened": response.reopened,
        "merged_into": response.merged_into,
        "merged_from": response.merged_from,
        "declined_because": response.declined_because,
    }


def _severities(known: KnownIncident) -> Iterator[StatedSeverity]:
    event = known.history.event
    yield StatedSeverity(at=known.history.received_at, severity=int(event.severity), by=event.source or "alert")
    for entry in known.entries:
        if "severity" in entry.sets:
            yield StatedSeverity(at=entry.at, severity=int(entry.sets["severity"]), by=entry.actor.spoken)


def _times(known: KnownIncident) -> Mapping[str, Mapping[str, Any]]:
    former: dict[str, list[str]] = {}
    last: dict[str, str] = {}
    for entry in known.entries:
        for name, time in (entry.sets.get("times") or {}).items():
            value = str(time["value"])
            if last.get(name) not in {None, value}:
                former.setdefault(name, []).append(last[name])
            last[name] = value
    return {
        name: {**time.model_dump(mode="json"), "former": former.get(name, [])} for name, time in known.times.items()
    }


def _roles(response: Response | None) -> Iterator[HeldRole]:
    for span in response.roles if response is not None else ():
        yield HeldRole(
            role=span.role,
            person=span.person.name,
            since=span.since,
            until=span.until,
            topic=span.topic,
            given_by=span.given_by.spoken,
        )
