"""All that people wrote down about who is on call: people, services, schedules, policies and absences, as it is meant.

A person is named by the key of their record, or by an e-mail address where there is none; whoever reads the definitions
has made one spelling of both.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from worker.oncall.schedule.absences import Absence
from worker.oncall.schedule.schedule import Schedule
from worker.oncall.schedule.wall_clock import Minute
from worker.oncall.schedule.windows import Windows


@dataclass(frozen=True, slots=True)
class PersonRecord:
    """`phone` and `paging` are as they were typed, for `read_phone_number` and `read_paging_ways`."""

    key: str
    name: str
    email: str
    time_zone: str = ""
    object_id: str = ""
    boards_identity: str = ""
    phone: str = ""
    paging: str = ""


@dataclass(frozen=True, slots=True)
class ServiceRecord:
    """Who answers for a service and where its incidents live; what is empty is as the settings say.

    `teams` are ids of Teams teams, tried in this order. `words` are other names by which alerts name the service.
    `language` is a tag of BCP 47. `owner` is for people: a person, a team, an address.
    """

    name: str
    schedules: tuple[str, ...] = ()
    policies: tuple[str, ...] = ()
    description: str = ""
    owner: str = ""
    teams: tuple[str, ...] = ()
    project: str = ""
    area_path: str = ""
    iteration_path: str = ""
    work_item_type: str = ""
    language: str = ""
    runbook: str = ""
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NotifyTarget:
    """`kind` is person, schedule, role or webhook. `rank` is which of a schedule, from 1; 0 is all who are on call."""

    kind: str
    name: str
    rank: int = 0

    def __str__(self) -> str:
        return f"{self.kind}:{self.name}" + (f"#{self.rank}" if self.rank else "")


@dataclass(frozen=True, slots=True)
class Level:
    """`wait`: for how many elapsed minutes an answer is waited for."""

    notify: tuple[NotifyTarget, ...]
    wait: Minute


@dataclass(frozen=True, slots=True)
class QuietHours:
    """When what a policy tells may be told at all."""

    time_zone: str
    windows: Windows


@dataclass(frozen=True, slots=True)
class Policy:
    """`repeat`: how many more rounds, 0 to 9. `ack_timeout` in elapsed minutes. No severities: all of them."""

    name: str
    levels: tuple[Level, ...]
    severities: tuple[int, ...] = ()
    repeat: int = 0
    last_resort: tuple[NotifyTarget, ...] = ()
    ack_timeout: Minute | None = None
    hours: QuietHours | None = None

    def covers(self, severity: int) -> bool:
        return not self.severities or severity in self.severities


@dataclass(frozen=True)
class Definitions:
    """By their keys as written; `absences` are those of all schedules, each schedule has them too."""

    people: Mapping[str, PersonRecord] = field(default_factory=dict)
    services: Mapping[str, ServiceRecord] = field(default_factory=dict)
    schedules: Mapping[str, Schedule] = field(default_factory=dict)
    policies: Mapping[str, Policy] = field(default_factory=dict)
    absences: tuple[Absence, ...] = ()

    def own_absences(self, schedule: str) -> tuple[Absence, ...]:
        """Those that count in that schedule alone; none where there is no such schedule."""
        everywhere = frozenset(self.absences)
        found = self.schedules.get(schedule)
        return tuple(each for each in found.absences.all if each not in everywhere) if found else ()
