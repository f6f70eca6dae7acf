"""A digest in sentences: how many alerts, of what, from when to when, and which of them still fire."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from handlers.marks import ALERTS, mark
from handlers.severities import spoken
from worker.domain.alert_summary import AlertSummary
from worker.domain.digest import Digest
from worker.domain.event import Severity
from worker.domain.incident import Incident

_REASONS = 5


def marker(incident: Incident) -> str:
    """By which the note is found again; without the incident's own id, by which its announcement is."""
    return mark(incident, ALERTS)


def marked(incident: Incident, digest: Digest) -> str:
    """The marker, and what tells this telling from earlier ones."""
    return f"{marker(incident)}/{digest.mark[:8]}"


def sentences(digest: Digest, *, restricted: bool = False) -> Iterator[str]:
    """`restricted`: without what anybody wrote."""
    summary = digest.summary
    if not restricted:
        yield from _reported(digest)
    # What a person raised, and others only added to, has no alerts to be counted.
    if summary.reports and summary.alerts == 1 and summary.resolved_at is None and not summary.unreported:
        return
    yield _counted(digest)
    if summary.left_out:
        yield f"At least {summary.left_out:,} more were left out of what was told: look at the sender for all of them."
    if summary.resources and not restricted:
        more = f" and {summary.more_resources:,} more" if summary.more_resources else ""
        yield f"Affected: {', '.join(summary.resources)}{more}."
    yield state(digest)
    if summary.acknowledged_at is not None:
        yield f"Acknowledged at {clock(summary.acknowledged_at)}."


def state(digest: Digest) -> str:
    summary = digest.summary
    if summary.resolved_at is not None:
        return f"All have resolved, the last at {clock(summary.resolved_at)}. {_afterwards(digest.reopen)}"
    if summary.firing == summary.faults == summary.unreported:
        return _unreported(summary)
    none_has = summary.firing == summary.faults
    firing = "None of it has resolved." if none_has else f"{summary.firing:,} of {summary.faults:,} faults still fire."
    return f"{firing} {_unreported(summary)}" if summary.unreported else firing


def _unreported(summary: AlertSummary) -> str:
    """What is not measured any more is told as just that: whoever reads "resolved" goes back to bed."""
    count = summary.unreported
    if summary.faults == 1:
        who = "Its sender no longer reports it"
    elif count == summary.faults:
        who = f"None of the {count:,} faults is reported any longer"
    else:
        who = f"{count:,} of them {'is' if count == 1 else 'are'} no longer reported"
    because = f" ({', '.join(summary.unreported_because)})" if summary.unreported_because else ""
    return f"{who}{because}. That is no all-clear: nothing is measured any more, and nobody knows whether it is over."


def reasons(digest: Digest) -> Iterator[str]:
    """Why they were taken for this incident's, the most frequent reasons first."""
    told = sorted(digest.summary.reasons.items(), key=lambda each: (-each[1], each[0]))
    for because, count in told[:_REASONS]:
        yield f"{count:,}: {because}"
    if len(told) > _REASONS:
        yield f"and {len(told) - _REASONS:,} other reasons"


def risen(severity: Severity, worst: str) -> str:
    that = f", that of {worst!r}" if worst else ""
    return f"Severity raised to {spoken(severity)}{that}."


def clock(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def _reported(digest: Digest) -> Iterator[str]:
    """What people added, the newest first: what the reader does not know yet."""
    for report in digest.summary.reports:
        by = f" by {report.by}" if report.by else ""
        impact = f"Impact: {report.impact}" if report.impact else ""
        said = (f"Reported as well at {clock(report.at)}{by}: {report.title!r}.", report.description, impact)
        yield " ".join(part for part in said if part)
    if more := digest.summary.more_reports:
        yield f"And {more:,} earlier report{'' if more == 1 else 's'}."


def _counted(digest: Digest) -> str:
    summary = digest.summary
    faults = "of one fault" if summary.faults == 1 else f"of {summary.faults:,} faults"
    alerts = "1 alert" if summary.alerts == 1 else f"{summary.alerts:,} alerts"
    return f"{alerts} {faults}, from {clock(summary.first_at)} to {clock(summary.last_at)}."


def _afterwards(reopen: timedelta) -> str:
    minutes = reopen / timedelta(minutes=1)
    return f"What fires again within {minutes:g} minutes belongs to this incident, and later to a new one."
