"""The composition of the response: what decides, what records, what brings about."""

import asyncio
from datetime import datetime, timedelta

from worker.app.clients import Clients
from worker.app.newest import NewestInStore
from worker.app.review_lanes import review_lanes
from worker.domain.alert_summary import AlertSummary
from worker.domain.errors import Held, TocsinError
from worker.domain.incident import Incident
from worker.domain.response.act import Act, ActKind
from worker.domain.response.actor import CLOCK, Actor, ActorKind, Source
from worker.domain.states import LaunchState
from worker.engine.executor import Timing
from worker.grouping.alert_store import AlertStore
from worker.lifecycle.response.circumstances import Circumstances, Launched, Other
from worker.lifecycle.response.delivery import ResponseDelivery
from worker.lifecycle.response.effects_limit import EffectsLimit
from worker.lifecycle.response.lane_run import LaneRun
from worker.lifecycle.response.people_book import PeopleBook
from worker.lifecycle.response.recording import Recorder
from worker.lifecycle.response.rules import ResponseRules
from worker.lifecycle.response.scheduling import TimerScheduler
from worker.oncall.answers import who_answers
from worker.oncall.catalogue import service_meant
from worker.oncall.definitions import Definitions
from worker.oncall.escalation.falling_back import directory_with
from worker.oncall.first_level import OpeningRules
from worker.oncall.lookup import OnCallLookup
from worker.oncall.on_call import OnCall, Roster
from worker.resilience.backoff import backoff
from worker.resilience.circuit_breaker import Breaker
from worker.settings import Settings
from worker.storage.store_time import StoreTime
from worker.storage.stores import Stores

_NOBODY = PeopleBook(Definitions(), Roster(rows=(), unreadable=()), is_readable=False)


class ReadCircumstances:
    def __init__(self, on_call: OnCallLookup, stores: Stores, rules: ResponseRules) -> None:
        self._on_call = on_call
        self._stores = stores
        self._rules = rules
        self._opening = OpeningRules(rules.last_resort, rules.minute_seconds)

    async def __call__(
        self, incident: Incident, now: datetime, *, needed: bool, other: str | None = None
    ) -> Circumstances:
        people = await self._people(needed=needed)
        summary = await self._stores.incidents.summary(incident.id)
        launch = Launched(summary.state, summary.told_at) if summary else Launched(LaunchState.LAUNCHING)
        meant = service_meant(people.definitions, incident.event).service
        service = meant.name if meant else incident.event.service
        directory = directory_with(
            people.definitions, service, self._listed(incident, service, people), self._rules.last_resort
        )
        named = await self._other(other) if other is not None else None
        return Circumstances(now, incident, launch, directory, people, self._rules, named)

    async def _other(self, incident_id: str) -> Other | None:
        summary, stored = await asyncio.gather(
            self._stores.incidents.summary(incident_id), self._stores.responses.read(incident_id)
        )
        if summary is None:
            return None
        incident = Incident(key=summary.key, event=summary.event, received_at=summary.received_at)
        return Other(incident, stored.response if stored is not None else None)

    async def _people(self, *, needed: bool) -> PeopleBook:
        try:
            known = await self._on_call.known()
        except TocsinError as error:
            if needed:
                # No fault of the table of incidents: launches and acts go on.
                sentence = f"Who is to be told cannot be read, and this waits for it: {error}"
                raise Held(sentence, retry_after=error.retry_after or backoff(3)) from error
            return _NOBODY
        return PeopleBook(known.definitions, known.roster, self._rules.last_resort)

    def _listed(self, incident: Incident, service: str, people: PeopleBook) -> OnCall:
        instant = self._opening.instant(incident)
        return who_answers(people.definitions, people.roster, service, instant)


def response_delivery(
    settings: Settings,
    clients: Clients,
    stores: Stores,
    timers: TimerScheduler,
    *,
    tables: Breaker,
    alerts: AlertStore,
) -> ResponseDelivery:
    rules = ResponseRules(
        minute_seconds=settings.minute_seconds,
        archive_after_days=_days(settings.archive_after_days),
        last_resort=settings.last_resort,
        members_acknowledge=settings.members_acknowledge,
        alerts_acknowledge=settings.alerts_acknowledge,
        alerts_resolve=settings.alerts_resolve,
        cadence=settings.update_cadence,
        reopen_minutes=settings.grouping_reopen_seconds / timedelta(minutes=1),
    )
    circumstances = ReadCircumstances(clients.on_call, stores, rules)
    timing = Timing(allowance=settings.step_allowance, lookup_lag=settings.lookup_lag_seconds)
    launch = clients.playbook()
    lanes = clients.lanes(NewestInStore(stores, launch))
    return ResponseDelivery(
        incidents=stores.incidents,
        oversize=stores.oversize,
        recorder=Recorder(stores.responses, timers, circumstances, rules.minute_seconds),
        lanes=(*lanes, *review_lanes(settings, clients, stores, alerts, lanes)),
        run=LaneRun(stores.lanes, stores.responses, launch, timing),
        tables=tables,
        limit=EffectsLimit(settings.slots // 2),
    )


def _days(after: timedelta | None) -> float | None:
    return None if after is None else after / timedelta(days=1)


async def begin_response(response: ResponseDelivery, clock: StoreTime, incident: Incident, on_call: OnCall) -> None:
    """Let the response of a launch begin; level 1 is whom the launch calls."""
    opening = {"opening": on_call.opening.model_dump(mode="json")} if on_call.opening is not None else {}
    data = {**opening, "people": [person.key or person.email for person in on_call.people]}
    act = Act(act=ActKind.BEGIN, id="begin", actor=CLOCK, source=Source.LAUNCH, data=data)
    await response.record(incident, act, await clock.now())


async def call_next(response: ResponseDelivery, clock: StoreTime, incident: Incident, sentence: str) -> None:
    """Let whoever comes behind level 1 be called now, since the launch could tell none of it."""
    data = {"untold": {"launch": True}}
    act = Act(act=ActKind.OUTCOME, id="outcome:launch", actor=CLOCK, source=Source.LAUNCH, text=sentence, data=data)
    await response.record(incident, act, await clock.now())


async def tell_of_alerts(
    response: ResponseDelivery, clock: StoreTime, incident: Incident, summary: AlertSummary
) -> None:
    """Record what its alerts have come to: the same count is recorded once."""
    actor = Actor(kind=ActorKind.ALERT, id=incident.event.source, name=incident.event.source or "The alerting system")
    severity = summary.severity.value
    data = {
        "firing": summary.firing,
        "resolved": summary.faults - summary.firing,
        "severity": severity,
        "last_at": summary.last_at,
    }
    now = await clock.now()
    told = Act(act=ActKind.ALERTS, id=f"alerts:{summary.mark}", actor=actor, source=Source.ALERT, data=data)
    await response.record(incident, told, now)
    if summary.acknowledged_at is not None:
        act_id = f"alerts-acknowledged:{summary.acknowledged_at.isoformat()}"
        await response.record(incident, Act(act=ActKind.ACKNOWLEDGE, id=act_id, actor=actor, source=Source.ALERT), now)
