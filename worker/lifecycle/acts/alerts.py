"""What the alerts of an incident have come to: it may raise the severity, and ask people; it decides little itself."""

from datetime import datetime, timedelta
from typing import Any

from pydantic import BaseModel, Field

from worker.domain.response.act import Act, Outcome
from worker.domain.response.entry import Say
from worker.domain.response.state import RUNNING, ResponseState
from worker.lifecycle.acts.answers import already, done
from worker.lifecycle.acts.relapse import fall_back
from worker.lifecycle.acts.reopen import open_again
from worker.lifecycle.acts.resolve import ask_whether_resolved, end_it
from worker.lifecycle.acts.severity import change_severity
from worker.lifecycle.response.circumstances import Circumstances
from worker.lifecycle.response.log import Log
from worker.lifecycle.response.wording import name_of, severity_words

FIRING, RESOLVED = "firing", "resolved"


class AlertCount(BaseModel, frozen=True, extra="ignore"):
    """How many alerts of the incident fire, how many have resolved, and the worst severity of them.

    `last_at`: when the newest firing was received.
    """

    firing: int = Field(default=0, ge=0)
    resolved: int = Field(default=0, ge=0)
    severity: int | None = Field(default=None, ge=1, le=5)
    last_at: datetime | None = None


def alerts(log: Log, act: Act, known: Circumstances) -> Outcome:
    count = AlertCount.model_validate(act.data)
    _severity(log, count, known)
    before, fired = log.response.alerts, log.response.alerts_firing
    state = FIRING if count.firing else RESOLVED if count.resolved else before
    if (state, count.firing) != (before, fired):
        log.set(alerts=state, alerts_firing=count.firing)
    if state == RESOLVED and before != RESOLVED:
        _all_resolved(log, count, known)
    elif count.firing and (before == RESOLVED or (before == FIRING and count.firing > fired) or _is_anew(log, count)):
        _fire_again(log, count, known, again=before == RESOLVED)
    return done("It is recorded.") if log.entries else already("That is known.")


def _severity(log: Log, count: AlertCount, known: Circumstances) -> None:
    """They may make it worse until a person has set it; then they only say so, once for each severity."""
    response, given = log.response, count.severity
    if given is None or given == response.alerts_severity:
        return
    log.set(alerts_severity=given)
    if given >= response.severity or response.state not in RUNNING:
        return
    if not response.severity_by_person:
        change_severity(log, known, given, "By its alerts ", by_person=False)
        return
    said = f"Its alerts say {severity_words(given)}; people have set {severity_words(response.severity)}, which stays."
    log.enter(
        "alerts", said, data={"severity": given}, says=[Say(text=said, topic="alerts-severity", question="severity")]
    )


def _all_resolved(log: Log, count: AlertCount, known: Circumstances) -> None:
    data = _data(count)
    if log.response.state not in RUNNING:
        log.enter("alerts", "All alerts have resolved.", data=data)
    elif known.rules.alerts_resolve:
        log.enter("alerts", "All alerts have resolved.", data=data)
        end_it(log, known, "All alerts have resolved: so is this.")
    else:
        log.enter("alerts", "All alerts have resolved.", data=data)
        ask_whether_resolved(log, "All alerts have resolved.")


def _is_anew(log: Log, count: AlertCount) -> bool:
    """Whether one has fired since people took it for over; many systems never say that an alert has resolved."""
    response = log.response
    over = response.state in {ResponseState.MITIGATED, ResponseState.RESOLVED}
    return over and count.last_at is not None and count.last_at > response.since


def _fire_again(log: Log, count: AlertCount, known: Circumstances, *, again: bool) -> None:
    said = "Alerts fire again." if again or count.firing == 1 else f"{count.firing} alerts fire now."
    response = log.response
    if response.state is ResponseState.MITIGATED:
        log.enter("alerts", said, data=_data(count))
        fall_back(log, known, f"{said} The harm may be back.")
    elif response.state is ResponseState.RESOLVED and _last_at(count, known) - response.since <= _window(known):
        log.enter("alerts", said, data=_data(count))
        open_again(log, known, f"{said} It was resolved by {name_of(response, known, response.by)} shortly before.")
    else:
        says = (
            [Say(text=said, topic="alerts")] if again and response.state in {*RUNNING, ResponseState.RESOLVED} else []
        )
        log.enter("alerts", said, data=_data(count), says=says)


def _last_at(count: AlertCount, known: Circumstances) -> datetime:
    """Told a while after it came, it counts from when it came: it was taken for this incident's then."""
    return min(count.last_at or known.now, known.now)


def _window(known: Circumstances) -> timedelta:
    return known.lasting(known.rules.reopen_minutes)


def _data(count: AlertCount) -> dict[str, Any]:
    return count.model_dump(exclude_none=True, exclude={"last_at"})
