"""Where in Azure Boards an incident's work item stands, and where else when that place refuses it."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from handlers.launch.route import Routed
from worker.clients.boards.client import Boards
from worker.clients.boards.items import Operation, set_field
from worker.domain.errors import Permanent

_AREA = "System.AreaPath"
_ITERATION = "System.IterationPath"


@dataclass(frozen=True, slots=True)
class WorkItemPlace:
    """What is empty is as the settings, or the project, have it."""

    project: str = ""
    work_item_type: str = ""
    area_path: str = ""
    iteration_path: str = ""

    @classmethod
    def by(cls, route: Routed) -> "WorkItemPlace":
        return cls(route.project, route.work_item_type, _path(route.area_path), _path(route.iteration_path))

    def boards(self, boards: Boards) -> Boards:
        return boards.at(self.project, self.work_item_type)

    def fields(self) -> Iterator[Operation]:
        if self.area_path:
            yield set_field(_AREA, self.area_path)
        if self.iteration_path:
            yield set_field(_ITERATION, self.iteration_path)

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
        return ", ".join(f"{name} {wished!r}" for name, wished, had in pairs if wished and wished != had)


def _path(given: str) -> str:
    """As Azure DevOps writes it; no node's name may hold either kind of slash."""
    return "\\".join(part for part in given.replace("/", "\\").split("\\") if part)
