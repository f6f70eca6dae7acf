"""The figures of many incidents: counts, medians, and each one by itself; what is left out is counted."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta, tzinfo

from pydantic import BaseModel, Field

from worker.domain.event import DetectionSource
from worker.domain.page import LAST_RESORT
from worker.domain.response.state import ResponseState
from worker.incidents.figures.distribution import Distribution
from worker.incidents.figures.durations import acknowledged_at_level, acknowledgement, durations_of
from worker.incidents.figures.known_incident import KnownIncident
from worker.incidents.figures.nights import Nights, nights_of

FORMAT = "tocsin-report/1"
_LEFT_OUT = {ResponseState.DECLINED: "declined", ResponseState.MERGED: "merged"}
_FIRST_LEVEL = 1


class MeasuredIncident(BaseModel, frozen=True):
    """`durations` in seconds, None where nobody can say. `occurred_is_known`: somebody said when it began."""

    incident_id: str
    title: str
    service: str
    severity: int
    state: str
    received_at: datetime
    durations: dict[str, float | None]
    occurred_is_known: bool
    found_by: str
    acknowledged_at_level: int | str | None = None
    highest_level: int | str | None = None
    promises_kept: int = 0
    promises_broken: int = 0
    reopened: int = 0


class Share(BaseModel, frozen=True):
    """How many of how many; of none there is no share."""

    count: int
    of: int

    @property
    def percent(self) -> float | None:
        return round(100 * self.count / self.of, 1) if self.of else None


class IncidentReport(BaseModel, frozen=True):
    """`left_out`: incidents that are in no figure, by why. `answers`: first acknowledgements by the level that was told
    last. `last_resort`: incidents whose escalation ran through to its end.
    """

    format: str = FORMAT
    since: datetime
    until: datetime
    incidents: int
    by_severity: dict[int, int]
    left_out: dict[str, int]
    durations: dict[str, Distribution]
    occurred_guessed: Share
    found_by_customers: Share
    updates_on_time: Share
    acknowledged: Share
    answers: dict[str, int]
    acknowledged_at_level_1: Share
    escalated: Share
    last_resort: Share
    reopened: int
    nights: Nights
    singles: tuple[MeasuredIncident, ...] = Field(default=(), description="The newest first.")
    truncated: bool = Field(default=False, description="There were more incidents than are looked at.")


def report_on(
    known: Iterable[KnownIncident],
    *,
    since: datetime,
    until: datetime,
    zone_of: Callable[[str], tzinfo | None],
    truncated: bool = False,
) -> IncidentReport:
    """The same, in whatever order the incidents come."""
    given = list(known)
    counted = [each for each in given if _left_out(each) is None]
    singles = sorted(map(measured, counted), key=lambda each: (each.received_at, each.incident_id), reverse=True)
    answers = Counter(str(each.acknowledged_at_level) for each in singles if each.acknowledged_at_level is not None)
    by_people = sum(answers.values())
    kept, broken = (sum(getattr(each, name) for each in singles) for name in ("promises_kept", "promises_broken"))
    return IncidentReport(
        since=since,
        until=until,
        incidents=len(singles),
        by_severity=dict(sorted(Counter(each.severity for each in singles).items())),
        left_out=dict(sorted(Counter(why for each in given if (why := _left_out(each))).items())),
        durations=_distributions(singles),
        occurred_guessed=_share(singles, lambda each: not each.occurred_is_known),
        found_by_customers=_found_by_customers(singles),
        updates_on_time=Share(count=kept, of=kept + broken),
        acknowledged=Share(count=sum(acknowledgement(each) is not None for each in counted), of=len(counted)),
        answers=dict(sorted(answers.items())),
        acknowledged_at_level_1=Share(count=answers[str(_FIRST_LEVEL)], of=by_people),
        escalated=_share(singles, lambda each: each.highest_level not in {None, _FIRST_LEVEL}),
        last_resort=_share(singles, lambda each: each.highest_level == LAST_RESORT),
        reopened=sum(each.reopened > 0 for each in singles),
        nights=nights_of(_pages(counted), zone_of, UTC),
        singles=tuple(singles),
        truncated=truncated,
    )


def measured(known: KnownIncident) -> MeasuredIncident:
    event, response = known.history.event, known.response
    return MeasuredIncident(
        incident_id=known.history.incident_id,
        title=event.shown_title,
        service=event.service,
        severity=known.severity,
        state=response.state.value if response is not None else "",
        received_at=known.history.received_at,
        durations={name: _seconds(took) for name, took in durations_of(known).items()},
        occurred_is_known="occurred_at" in known.times,
        found_by=event.detection_source.value,
        acknowledged_at_level=acknowledged_at_level(known),
        highest_level=_highest_level(known),
        promises_kept=response.promises_kept if response is not None else 0,
        promises_broken=response.promises_broken if response is not None else 0,
        reopened=response.reopened if response is not None else 0,
    )


def _left_out(known: KnownIncident) -> str | None:
    if known.is_test:
        return "test"
    return _LEFT_OUT.get(known.response.state) if known.response is not None else None


def _highest_level(known: KnownIncident) -> int | str | None:
    """Of those that were told, the last resort being the highest."""
    levels = [entry.data.get("level") for entry in known.entries if entry.kind == "level-told"]
    if LAST_RESORT in levels:
        return LAST_RESORT
    return max((level for level in levels if isinstance(level, int)), default=None)


def _distributions(singles: Sequence[MeasuredIncident]) -> dict[str, Distribution]:
    names = dict.fromkeys(name for each in singles for name in each.durations)
    return {name: Distribution.of(each.durations[name] for each in singles) for name in names}


def _found_by_customers(singles: Sequence[MeasuredIncident]) -> Share:
    """Of those of which somebody said who found them."""
    said = [each for each in singles if each.found_by != DetectionSource.OTHER.value]
    return _share(said, lambda each: each.found_by != DetectionSource.MONITORING.value)


def _share(singles: Sequence[MeasuredIncident], counts: Callable[[MeasuredIncident], bool]) -> Share:
    return Share(count=sum(map(counts, singles)), of=len(singles))


def _pages(counted: Iterable[KnownIncident]) -> Iterable[tuple[str, datetime]]:
    return ((page.person, page.at) for each in counted for page in each.pages if page.told and page.at is not None)


def _seconds(took: timedelta | None) -> float | None:
    return None if took is None else round(took.total_seconds(), 3)


def flat(report: IncidentReport) -> Iterable[Mapping[str, object]]:
    """A row for each incident, for a spreadsheet."""
    for each in report.singles:
        row = each.model_dump(mode="json", exclude={"durations"})
        yield row | {f"{name}_seconds": seconds for name, seconds in each.durations.items()}
