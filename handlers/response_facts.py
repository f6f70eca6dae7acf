"""How the response to an incident stands, as the facts of its card and of its work item tell it."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime

from pydantic import TypeAdapter, ValidationError

from handlers.roles import duty, role_name
from worker.domain.event import Severity
from worker.domain.response.response import Impact, Response, RoleSpan
from worker.domain.response.state import ResponseState
from worker.domain.response.timer import TimerKind
from worker.oncall.escalation.because import place_words
from worker.oncall.escalation.state import BEGINNING, Escalation

Moment = Callable[[datetime | None], str]
Facts = Iterator[tuple[str, str]]

_ESCALATION: TypeAdapter[Escalation] = TypeAdapter(Escalation)
_TIMES = {
    "acknowledged_at": "Acknowledged",
    "mitigated_at": "Mitigated",
    "resolved_at": "Resolved",
    "closed_at": "Closed",
}
_NO_SCRIBE = "no scribe"
_NAMES = 10


def impact_facts(impact: Impact | None, moment: Moment) -> Facts:
    if impact is None:
        return
    customers = "how many is unknown" if impact.customers is None else f"{impact.customers:,}"
    yield "Services hit", _listed(impact.services)
    yield "Regions hit", _listed(impact.regions)
    yield "Customers hit", customers
    yield "Impact since", moment(impact.started_at)
    yield "Impact until", moment(impact.ended_at)


def people_facts(response: Response) -> Facts:
    """Who has it and who leads, or did when it ended; an expert's subject stands behind the name."""
    yield "Has it", response.owner.name if response.owner else ("nobody yet" if response.is_running else "")
    standing = [span for span in response.roles if span.until is None or span.ended_with_incident]
    for role in dict.fromkeys(span.role for span in standing):
        names = _listed([_holder(span) for span in standing if span.role == role])
        yield role_name(role), f"{names} ({duty(role)})" if duty(role) else names
    is_awaited = response.is_running or response.state is ResponseState.RESOLVED
    for offer in response.offers if is_awaited else ():
        yield f"{role_name(offer.role)} offered", offer.person.name
    if response.is_running and response.scribe_asked and not response.has("scribe"):
        yield role_name("scribe"), _NO_SCRIBE


def time_facts(response: Response, moment: Moment) -> Facts:
    for name, title in _TIMES.items():
        if (known := response.times.get(name)) is not None:
            yield title, moment(known.value)
    if response.is_running and response.promise is not None:
        yield "Next update by", moment(response.promise.due_at)


def escalation_facts(response: Response, moment: Moment) -> Facts:
    """How far it is while nobody has it, whom it has told, and when it goes on."""
    if response.state is not ResponseState.OPEN or (state := _escalation_of(response)) is None:
        return
    policy = f" of {state.policy.name}" if state.policy and state.policy.name else ""
    yield "Escalation", f"{place_words(state.place)}{policy}" if state.place != BEGINNING else f"begins{policy}"
    yield "Told so far", _listed([ref.name for ref in response.told])
    timer = response.timers.get(TimerKind.ESCALATION)
    yield "Goes on", moment(timer.due_at) if timer and timer.due_at else "no further: call somebody yourself"


def relation_facts(response: Response) -> Facts:
    yield "Merged into", response.merged_into
    yield "Merged from", _listed(response.merged_from)
    yield "Reopened", f"{response.reopened} times" if response.reopened > 1 else "once" if response.reopened else ""


def severity_of(response: Response) -> Severity:
    return Severity(response.severity)


def name_of(response: Response, person: str) -> str:
    """Of whoever had to do with it, as people call them."""
    owner = [response.owner] if response.owner else []
    known = (*owner, *(span.person for span in response.roles), *response.told, *response.members)
    return next((ref.name for ref in known if ref.person == person), person)


def _escalation_of(response: Response) -> Escalation | None:
    known = (response.escalation or {}).get("state")
    if known is None:
        return None
    try:
        return _ESCALATION.validate_python(known)
    except ValidationError:
        return None  # written by another version; its next step writes it anew


def _holder(span: RoleSpan) -> str:
    return f"{span.person.name} for {span.topic}" if span.topic else span.person.name


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - _NAMES} more" if len(names) > _NAMES else ""
    return ", ".join(names[:_NAMES]) + more
