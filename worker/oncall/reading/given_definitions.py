"""All definitions as people write them in one file, or as the table's rows make them."""

from collections.abc import Mapping
from typing import Annotated

from pydantic import BeforeValidator, Field, StringConstraints

from worker.domain.validation import WEB_ADDRESS, Matching
from worker.oncall.definitions import PersonRecord, ServiceRecord
from worker.oncall.reading.fields import Address, Given, Line, Lines, Name, Names, Text, Zone, as_text
from worker.oncall.reading.given_policy import GivenPolicy
from worker.oncall.reading.given_schedule import GivenAbsence, GivenSchedule

_MOST = 5000
_LANGUAGE = r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}"
_Web = Annotated[
    str, BeforeValidator(as_text), StringConstraints(max_length=2000), Matching(r"(https?://[^\s<>\"]+)?", WEB_ADDRESS)
]
_Language = Annotated[
    str, BeforeValidator(as_text), Matching(rf"({_LANGUAGE})?", "must be a tag such as en, de or pt-BR")
]


class GivenPerson(Given):
    """One person; without a name their key is one."""

    name: Line = ""
    email: Address
    time_zone: Zone | None = None
    object_id: Line = ""
    boards_identity: Line = ""
    phone: Line = ""
    paging: Line = ""

    def record(self, key: str) -> PersonRecord:
        texts = self.model_dump(exclude={"time_zone", "name"})
        return PersonRecord(
            key=key, name=self.name or key, time_zone=self.time_zone.name if self.time_zone else "", **texts
        )


class GivenService(Given):
    """Who answers for a service, and where its incidents live."""

    schedules: Names = ()
    policies: Names = ()
    description: Text = ""
    owner: Line = ""
    teams: Lines = ()
    project: Line = ""
    area_path: Line = ""
    iteration_path: Line = ""
    work_item_type: Line = ""
    language: _Language = ""
    runbook: _Web = ""
    words: Lines = ()

    def record(self, name: str) -> ServiceRecord:
        return ServiceRecord(name=name, **{field: getattr(self, field) for field in type(self).model_fields})


class GivenDefinitions(Given):
    """The whole of a file."""

    people: Annotated[Mapping[Name, GivenPerson], Field(max_length=_MOST)] = Field(default_factory=dict)
    schedules: Annotated[Mapping[Name, GivenSchedule], Field(max_length=_MOST)] = Field(default_factory=dict)
    services: Annotated[Mapping[Name, GivenService], Field(max_length=_MOST)] = Field(default_factory=dict)
    policies: Annotated[Mapping[Name, GivenPolicy], Field(max_length=_MOST)] = Field(default_factory=dict)
    absences: Annotated[tuple[GivenAbsence, ...], Field(max_length=10_000)] = ()
