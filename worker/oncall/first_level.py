"""Whom a launch calls: the first level of the policy that covers it, else the on-call list."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from worker.domain.errors import TocsinError
from worker.domain.incident import Incident
from worker.domain.last_resort import Target
from worker.domain.text import quoted
from worker.oncall.definitions import Policy
from worker.oncall.escalation.directory import Directory, directory_of
from worker.oncall.escalation.falling_back import directory_with, person_of_settings
from worker.oncall.escalation.opening import Opening, opening_of
from worker.oncall.lookup import KnownOnCall
from worker.oncall.on_call import OnCall, Person
from worker.oncall.schedule.wall_clock import Minute, instant_at, minute_of

_OF_THE_WALL = 60.0
_NAMED = 5


@dataclass(frozen=True, slots=True)
class OpeningRules:
    """`minute_seconds`: how long a minute of a policy is; where it is shorter, policies count from the receipt on."""

    last_resort: Sequence[Target] = ()
    minute_seconds: float = _OF_THE_WALL

    def instant(self, incident: Incident) -> Minute:
        return minute_of(datetime.now(UTC) if self.minute_seconds == _OF_THE_WALL else incident.received_at)


@dataclass(frozen=True)
class FirstLevel:
    """Of one incident, by what the tables say of `service` now."""

    known: KnownOnCall
    service: str
    severity: int
    instant: Minute
    rules: OpeningRules

    def by_policy(self) -> OnCall | None:
        """None where no policy covers the severity. Held until its hours begin it is nobody, and that is no fault."""
        if directory_of(self.known.definitions, self.service).policy_for(self.severity) is None:
            return None
        listed = self._listed()
        opening = self._opening(listed)
        return OnCall(
            people=self._people(opening, listed),
            service=self.service,
            note=self._note(opening),
            opening=opening,
        )

    def by_list(self, listed: OnCall) -> OnCall:
        """These are called, and whoever the settings name as the last resort if they do not answer."""
        return listed.model_copy(update={"opening": self._opening(listed)})

    def _opening(self, listed: OnCall) -> Opening:
        return opening_of(self._directory(listed), self.severity, self.instant)

    def _directory(self, listed: OnCall) -> Directory:
        return directory_with(self.known.definitions, self.service, listed, self.rules.last_resort)

    def _listed(self) -> OnCall:
        try:
            return self.known.answer(self.service, self.instant)
        except TocsinError:
            return OnCall(service=self.service)  # a policy that covers it needs no list

    def _people(self, opening: Opening, listed: OnCall) -> tuple[Person, ...]:
        with_shifts = {person.key: person for person in listed.people if person.key}
        named = opening.level_1.people if opening.level_1 else ()
        found = (with_shifts.get(key) or self.person(key) for key in named)
        return tuple(person for person in found if person is not None)

    def person(self, key: str) -> Person | None:
        return self.known.people.find(key) or person_of_settings(key, self.rules.last_resort)

    def _note(self, opening: Opening) -> str:
        policy, level_1 = opening.state.policy, opening.level_1
        told = [self.known.as_of]
        if opening.is_held and policy is not None and opening.state.due is not None:
            told.append(held(policy, opening.state.due))
        elif level_1 is not None and level_1.place.is_last_resort:
            told.append(_nobody(policy, level_1.people))
        if unknown := [key for key in (level_1.people if level_1 else ()) if self.person(key) is None]:
            told.append(_unreachable(unknown))
        return " ".join(filter(None, told))


def held(policy: Policy, until: Minute) -> str:
    """`Held until Mon 09:00 by the hours of policy 'calm'.`, on the clock of those hours."""
    zone = policy.hours.time_zone if policy.hours else "UTC"
    opens = instant_at(until).astimezone(ZoneInfo(zone))
    return f"Held until {opens:%a %d %b %H:%M} by the hours of policy {policy.name!r}."


def _nobody(policy: Policy | None, people: Sequence[str]) -> str:
    if people:
        return f"No level of policy {policy.name!r} names anybody; this is the last resort." if policy else ""
    named = f" of policy {policy.name!r}" if policy else ""
    return f"NOBODY IS ON CALL: no level{named} names anybody, and there is no last resort. Call somebody yourself."


def _unreachable(keys: Sequence[str]) -> str:
    more = f", and {len(keys) - _NAMED} more" if len(keys) > _NAMED else ""
    shown = ", ".join(repr(quoted(key)) for key in keys[:_NAMED])
    return f"Not called, since nothing says how to reach them: {shown}{more}. `tocsin roster lint` says how to mend it."
