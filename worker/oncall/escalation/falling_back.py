"""Whom the settings name where definitions do not: behind the on-call list, and where a policy has no last resort."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from worker.domain.last_resort import Target
from worker.domain.paging_ways import CHAT, SMS, WEBHOOK
from worker.domain.phone_number import masked
from worker.oncall.definitions import Definitions, Level, NotifyTarget, Policy
from worker.oncall.escalation.directory import Directory, directory_of
from worker.oncall.on_call import OnCall, Person
from worker.oncall.schedule.wall_clock import Minute

# For so long the people of the list are waited for, where no policy says how long.
UNANSWERED: Minute = 10
BY_LIST = ""
"""The name of the policy that stands for the list."""


def directory_with(
    definitions: Definitions, service: str | None, listed: OnCall, last_resort: Sequence[Target]
) -> Directory:
    """The service's policies, and behind them one that tells the people of the on-call list."""
    known = directory_of(definitions, service)
    targets = tuple(map(target_of_settings, last_resort))
    written = (replace(policy, last_resort=policy.last_resort or targets) for policy in known.policies)
    return replace(known, policies=(*written, _by_list(listed.people, targets)))


def target_of_settings(target: Target) -> NotifyTarget:
    """Known by its way and where that leads, a telephone number in part."""
    if target.by.startswith(WEBHOOK):
        return NotifyTarget(WEBHOOK.removesuffix(":"), target.to)
    return NotifyTarget(target.by, masked(target.to) if target.by == SMS else target.to)


def _by_list(people: Iterable[Person], last_resort: tuple[NotifyTarget, ...]) -> Policy:
    named = tuple(NotifyTarget("person", person.key or person.email) for person in people)
    return Policy(BY_LIST, (Level(named, UNANSWERED),), last_resort=last_resort)


def person_of_settings(key: str, last_resort: Sequence[Target]) -> Person | None:
    """Whoever is known by one way alone: a target of the settings, or a webhook that a policy names."""
    target = _target(key, last_resort)
    if target is None:
        return None
    is_address = target.by == CHAT and "@" in target.to
    return Person(
        name=key,
        email=target.to if is_address else "",
        key=key,
        object_id=target.to if target.by == CHAT and not is_address else None,
        in_directory=None if target.by == CHAT else False,
        phone=target.to if target.by == SMS else "",
        paging=f"1-5={target.by}",
    )


def way_of_settings(key: str, last_resort: Sequence[Target]) -> str:
    """The one way that leads to them; empty where the key is a person's."""
    target = _target(key, last_resort)
    return target.by if target is not None else ""


def _target(key: str, last_resort: Sequence[Target]) -> Target | None:
    known = next((each for each in last_resort if str(target_of_settings(each)) == key), None)
    if known is None and key.startswith(WEBHOOK):
        return Target(key, key.removeprefix(WEBHOOK))
    return known
