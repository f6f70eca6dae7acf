"""New Relic's webhooks: a workflow's with its default payload, and the older one of a notification channel."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any

from pydantic import AliasChoices, BeforeValidator, Field, ValidationError

from worker.alerts.affected import titled
from worker.alerts.fields import Enriching, Part, Words, digest, labels, paragraphs
from worker.alerts.format import Format, Ignored, Mark, NotThisFormat
from worker.alerts.links import links, unlinked_runbook
from worker.alerts.severities import SeverityWords
from worker.alerts.timestamps import AlertMoment
from worker.alerts.unmeasured import doubted, is_vanished
from worker.domain.event import DetectionSource, Event, EventType
from worker.domain.text import clean_line
from worker.domain.validation import Fault

NAME = "new-relic"
_OF_WORKFLOW = {"alertPolicyNames", "alertConditionNames", "workflowName", "impactedEntities"}
_OF_CHANNEL = {"incident_id", "current_state", "condition_name"}
_KINDS = {
    EventType.RESOLVE: {"closed", "resolved"},
    EventType.ACKNOWLEDGE: {"acknowledged", "issue_acknowledged"},
}
# Closed because nothing came any more, or because nobody looks any more.
_NOT_MEASURED = ("expir", "lost", "loss", "signal", "timeout", "timed out", "ttl", "inactiv", "deleted", "disabled")
_SILENT = ("lost signal", "signal lost", "loss of signal")
_TEST = Ignored("A test of a channel of New Relic has arrived; it tells of no fault, and launches nothing.")
_NAMELESS = Fault(
    "issueUrl", "is required, or id: keep both in the payload of the workflow's webhook, as its default has them"
)


def _parse(payload: object, words: SeverityWords) -> Sequence[Event | Ignored]:
    """The one issue of a call; raises NotThisFormat, naming the field."""
    try:
        issue = _Issue.model_validate(payload)
    except ValidationError as error:
        raise NotThisFormat.because(NAME, error) from None
    if not issue.id and not issue.url:
        raise NotThisFormat(NAME, [_NAMELESS])
    return [_TEST if issue.state.lower() == "test" else _event(issue, payload, words)]


def _is_marked(payload: Mapping[str, Any]) -> bool:
    return payload.keys() >= _OF_CHANNEL or ("issueUrl" in payload and bool(payload.keys() & _OF_WORKFLOW))


FORMAT = Format(
    name=NAME,
    parse=_parse,
    mark=Mark("issueUrl with alertPolicyNames, or incident_id with current_state", _is_marked),
    minimum={"issueUrl": "https://radar-api.newrelic.example/accounts/1/issues/1"},
)


def _listed(value: object) -> object:
    """A list, or one text where the template was changed."""
    return [value] if isinstance(value, str) else value


Names = Annotated[Enriching[tuple[Words, ...]], BeforeValidator(_listed)]


class _Target(Part):
    name: Words = ""


class _Issue(Part):
    id: Words = Field(default="", validation_alias=AliasChoices("issueId", "id", "incident_id"))
    url: Words = Field(default="", validation_alias=AliasChoices("issueUrl", "incident_url"))
    title: Words = Field(default="", validation_alias=AliasChoices("title", "issueTitle", "condition_name"))
    priority: Words = Field(default="", validation_alias=AliasChoices("priority", "severity"))
    state: Words = Field(default="", validation_alias=AliasChoices("state", "current_state"))
    trigger: Words = ""
    closed_because: Words = Field(
        default="",
        validation_alias=AliasChoices("closeReason", "closeCause", "issueCloseReason", "closingReason", "close_reason"),
    )
    created_at: AlertMoment = None
    timestamp: AlertMoment = None
    updated_at: AlertMoment = None
    closed_at: AlertMoment = Field(default=None, validation_alias=AliasChoices("closedAt", "issueClosedAt"))
    total_incidents: Words = ""
    impacted_entities: Names = None
    targets: Enriching[tuple[Enriching[_Target], ...]] = None
    policies: Names = Field(default=None, validation_alias=AliasChoices("alertPolicyNames", "policy_name"))
    conditions: Names = Field(default=None, validation_alias=AliasChoices("alertConditionNames", "condition_name"))
    workflow_name: Words = ""
    details: Words = Field(default="", validation_alias=AliasChoices("details", "description"))
    runbook: Words = Field(default="", validation_alias=AliasChoices("runbook_url", "runbookUrl"))
    account: Words = Field(default="", validation_alias=AliasChoices("account_name", "account_id", "nrAccountId"))

    @property
    def affected(self) -> list[str]:
        names = (*(self.impacted_entities or ()), *(target.name for target in self.targets or () if target))
        return sorted({name for name in map(clean_line, names) if name})

    @property
    def kind(self) -> EventType:
        said = {self.state.strip().lower(), self.trigger.strip().lower()}
        kind = next((kind for kind, words in _KINDS.items() if said & words), EventType.TRIGGER)
        return EventType.NO_LONGER_REPORTED if kind is EventType.RESOLVE and self.is_unmeasured else kind

    @property
    def is_unmeasured(self) -> bool:
        reason = self.why_closed.lower().replace("_", " ")
        return is_vanished(self.why_closed) or any(word in reason for word in _NOT_MEASURED)

    @property
    def why_closed(self) -> str:
        """What set it off says it where nothing else does."""
        return self.closed_because or self.trigger

    @property
    def is_silence(self) -> bool:
        return self.kind is EventType.TRIGGER and self.title.strip().lower().startswith(_SILENT)


def _event(issue: _Issue, payload: object, words: SeverityWords) -> Event:
    severity, ended = words.said(issue.priority), issue.kind in {EventType.RESOLVE, EventType.NO_LONGER_REPORTED}
    event = Event(
        type=issue.kind,
        title=titled(_title(issue), issue.affected),
        severity=severity.severity,
        unread_severity=severity.unread,
        description=paragraphs(_paragraphs(issue)),
        detection_source=DetectionSource.MONITORING,
        occurred_at=issue.created_at or (None if ended else issue.timestamp),
        resolved_at=(issue.closed_at or issue.updated_at or issue.timestamp) if ended else None,
        state_reason=issue.why_closed if issue.kind is EventType.NO_LONGER_REPORTED else "",
        source=NAME,
        fingerprint=digest(issue.id or issue.url),
        links=links([(issue.runbook, "Runbook"), (issue.url, "Issue in New Relic")]),
        resources=tuple(issue.affected),
        labels=labels(_labels(issue)),
        raw=payload,
    )
    return doubted(event, "New Relic") if issue.is_silence else event


def _title(issue: _Issue) -> str:
    return clean_line(issue.title or next(filter(None, issue.conditions or ()), "")) or "Issue of New Relic"


def _paragraphs(issue: _Issue) -> Iterator[str]:
    yield issue.details
    yield f"Conditions: {', '.join(filter(None, issue.conditions))}" if issue.conditions else ""
    yield f"{issue.total_incidents} incidents belong to it." if issue.total_incidents not in {"", "0", "1"} else ""
    yield f"Closed because: {issue.closed_because}" if issue.closed_because else ""
    yield unlinked_runbook(issue.runbook)


def _labels(issue: _Issue) -> Iterator[tuple[str, str]]:
    yield "issue", issue.id
    yield "policy", ", ".join(filter(None, issue.policies or ()))
    yield "condition", ", ".join(filter(None, issue.conditions or ()))
    yield "workflow", issue.workflow_name
    yield "trigger", issue.trigger
    yield "account", issue.account
