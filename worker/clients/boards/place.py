"""A place in Azure Boards at which work items are made: project, type, area and iteration."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Protocol

from worker.clients.boards.client import Boards
from worker.clients.boards.items import Operation, set_field
from worker.domain.errors import Permanent

_AREA = "System.AreaPath"
_ITERATION = "System.IterationPath"


class Wished(Protocol):
    """What a service of the catalogue says of it, or the route of an incident."""

    @property
    def project(self) -> str: ...
    @property
    def work_item_type(self) -> str: ...
    @property
    def area_path(self) -> str: ...
    @property
    def iteration_path(self) -> str: ...


@dataclass(frozen=True, slots=True)
class WorkItemPlace:
    """What is empty is as the settings, or the project, have it."""

    project: str = ""
    work_item_type: str = ""
    area_path: str = ""
    iteration_path: str = ""

    @classmethod
    def of(cls, wished: Wished) -> "WorkItemPlace":
        """As people write it: with either kind of slash in the paths, and at their ends."""
        return cls(wished.project, wished.work_item_type, _path(wished.area_path), _path(wished.iteration_path))

    def boards(self, boards: Boards) -> Boards:
        return boards.at(self.project, self.work_item_type)

    def fields(self) -> Iterator[Operation]:
        if self.area_path:
            yield set_field(_AREA, self.area_path)
        if self.iteration_path:
            yield set_field(_ITERATION, self.iteration_path)

    async def check(self, boards: Boards) -> None:
        """Raise the sentence that says why no work item of an incident could be made here; none is made."""
        await self.boards(boards).check(tuple(self.fields()))

    def without(self, refusal: Permanent) -> "WorkItemPlace | None":
        """The next place that is worth a try: without what the refusal names, else without more; None after the last.

        A ticket in the wrong area is found by people, one that was never made is not.
        """
        said = str(refusal)
        if self.area_path and _AREA in said:
            return replace(self, area_path="")
        if self.iteration_path and _ITERATION in said:
            return replace(self, iteration_path="")
        if self.area_path or self.iteration_path:
            return replace(self, area_path="", iteration_path="")
        return WorkItemPlace() if self != WorkItemPlace() else None

    def lost(self, other: "WorkItemPlace") -> str:
        """The fields of the catalogue that this place has and the other one has not."""
        names = ("project", "work_item_type", "area_path", "iteration_path")
        pairs = ((name, getattr(self, name), getattr(other, name)) for name in names)
        return ", ".join(f"{name} '{wished}'" for name, wished, had in pairs if wished and wished != had)


def _path(given: str) -> str:
    """As Azure DevOps writes it; no node's name may hold either kind of slash."""
    return "\\".join(part for part in given.replace("/", "\\").split("\\") if part)
