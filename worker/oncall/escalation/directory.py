"""Who can be told: the policies that may count for an incident, and whom their targets name at an instant."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TypeVar

from worker.oncall.definitions import Definitions, NotifyTarget, Policy
from worker.oncall.escalation.hours import opening
from worker.oncall.escalation.state import Roles
from worker.oncall.rows import DEFAULT_SERVICE
from worker.oncall.schedule.schedule import Schedule
from worker.oncall.schedule.wall_clock import DAY, NEVER, Minute

Thing = TypeVar("Thing")

_LOOK_AHEAD = 30 * DAY
_ORDINALS = {1: "first", 2: "second", 3: "third"}


@dataclass(frozen=True)
class Directory:
    """`policies` in the order in which they are tried: the first that covers the severity counts.

    `schedules` by their names in lower case.
    """

    policies: tuple[Policy, ...]
    schedules: Mapping[str, Schedule]

    def policy_for(self, severity: int) -> Policy | None:
        return next((policy for policy in self.policies if policy.covers(severity)), None)

    def as_written_now(self, policy: Policy) -> Policy:
        """The policy of that name, which may have been edited; one that is gone stays as it was."""
        return next((each for each in self.policies if each.name == policy.name), policy)

    def with_policy(self, edited: Policy) -> "Directory":
        """In the place of the one of its name, else behind the others."""
        if all(policy.name != edited.name for policy in self.policies):
            return replace(self, policies=(*self.policies, edited))
        return replace(self, policies=tuple(edited if each.name == edited.name else each for each in self.policies))

    def people(self, targets: Iterable[NotifyTarget], instant: Minute, roles: Roles) -> tuple[str, ...]:
        """In the targets' order, each once."""
        return tuple(dict.fromkeys(person for target in targets for person in self._named(target, instant, roles)))

    def vacancies(self, targets: Iterable[NotifyTarget], instant: Minute, roles: Roles) -> tuple[str, ...]:
        """Why those that name nobody do so, as clauses."""
        return tuple(self._vacancy(target) for target in targets if not self._named(target, instant, roles))

    def next_naming(self, policy: Policy, instant: Minute, roles: Roles) -> Minute | None:
        """The first instant, from this one on, at which a level names somebody who may be told then.

        None where no time brings one, only an event. What lies more than 30 days ahead is not looked for: the answer is
        then when to look again.
        """
        horizon = instant + _LOOK_AHEAD
        while instant < horizon:
            instant = opening(policy.hours, instant)
            if any(self.people(level.notify, instant, roles) for level in policy.levels):
                return instant
            instant = self._next_change(policy, instant)
        return None if instant >= NEVER else horizon

    def _next_change(self, policy: Policy, instant: Minute) -> Minute:
        names = {
            target.name.casefold() for level in policy.levels for target in level.notify if target.kind == "schedule"
        }
        return min((self.schedules[name].at(instant).until for name in names if name in self.schedules), default=NEVER)

    def _named(self, target: NotifyTarget, instant: Minute, roles: Roles) -> tuple[str, ...]:
        match target.kind:
            case "schedule":
                schedule = self.schedules.get(target.name.casefold())
                people = schedule.at(instant).people if schedule else ()
                return people[target.rank - 1 : target.rank] if target.rank else people
            case "role":
                return roles.get(target.name.casefold(), ())
            case "person":
                return (target.name,)
            case _:
                return (str(target),)

    def _vacancy(self, target: NotifyTarget) -> str:
        if target.kind == "role":
            return f"nobody has the role {target.name}"
        if target.name.casefold() not in self.schedules:
            return f"there is no schedule {target.name}"
        if target.rank > 1:
            return f"schedule {target.name} has no {_ORDINALS.get(target.rank, f'{target.rank}th')} person on call"
        return f"schedule {target.name} has nobody on call"


def directory_of(definitions: Definitions, service: str | None) -> Directory:
    """A service's own policies, then those of the service `default`; where no services are known, all policies."""
    schedules = _by_name(definitions.schedules)
    if not definitions.services:
        return Directory(tuple(definitions.policies.values()), schedules)
    services, policies = _by_name(definitions.services), _by_name(definitions.policies)
    asked = dict.fromkeys(((service or DEFAULT_SERVICE).casefold(), DEFAULT_SERVICE))
    listed = [name.casefold() for each in asked if each in services for name in services[each].policies]
    return Directory(tuple(policies[name] for name in dict.fromkeys(listed) if name in policies), schedules)


def _by_name(things: Mapping[str, Thing]) -> Mapping[str, Thing]:
    """Without regard to case."""
    return {name.casefold(): thing for name, thing in things.items()}
