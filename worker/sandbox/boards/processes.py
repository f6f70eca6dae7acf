"""The four processes that Azure DevOps comes with: their types for work, and the states of each in the order shown."""

from collections.abc import Mapping

from worker.sandbox.boards.process import COMMON, DEFECT, PLANNING, URGENT, WORK, Field, Process, State, WorkItemType

COLORS = {
    "Proposed": "b2b2b2",
    "InProgress": "007acc",
    "Resolved": "ff9d00",
    "Completed": "339933",
    "Removed": "ffffff",
}


def _states(**named: str) -> tuple[State, ...]:
    """Of names, in which an underline stands for a blank, with their categories."""
    return tuple(State(name.replace("_", " "), COLORS[category], category) for name, category in named.items())


def _type(name: str, states: tuple[State, ...], color: str, says: str, *fields: Field) -> WorkItemType:
    reference = f"Microsoft.VSTS.WorkItemTypes.{name.replace(' ', '')}"
    return WorkItemType(name, reference, color, says, states, COMMON + fields)


EPIC = "Work that takes many others to finish."
FEATURE = "Something that users will have when it is done."
OBSTACLE = "Something that stands in the way and needs somebody."
PIECE = "A piece of work for one person."
FAULT = "A defect, with a severity."
WISH = "What somebody wants to be able to do."

_BASIC = _states(To_Do="Proposed", Doing="InProgress", Done="Completed")
_AGILE_BUG = _states(New="Proposed", Active="InProgress", Resolved="Resolved", Closed="Completed")
_AGILE_STORY = (*_AGILE_BUG, *_states(Removed="Removed"))
_AGILE_TASK = _states(New="Proposed", Active="InProgress", Closed="Completed", Removed="Removed")
_AGILE_ISSUE = _states(Active="InProgress", Closed="Completed")
_SCRUM_EPIC = _states(New="Proposed", In_Progress="InProgress", Done="Completed", Removed="Removed")
_SCRUM_ITEM = _states(New="Proposed", Approved="Proposed", Committed="InProgress", Done="Completed", Removed="Removed")
_SCRUM_TASK = _states(To_Do="Proposed", In_Progress="InProgress", Done="Completed", Removed="Removed")
_SCRUM_IMPEDIMENT = _states(Open="InProgress", Closed="Completed")
_CMMI = _states(Proposed="Proposed", Active="InProgress", Resolved="Resolved", Closed="Completed")
# The same names, and yet what is resolved still counts as being worked on.
_CMMI_WORK = _states(Proposed="Proposed", Active="InProgress", Resolved="InProgress", Closed="Completed")

BASIC = Process(
    "Basic",
    (
        _type("Epic", _BASIC, "E06C00", EPIC, *PLANNING),
        _type("Issue", _BASIC, "B4009E", OBSTACLE),
        _type("Task", _BASIC, "A4880A", PIECE, *WORK),
        # Agile's, as an administrator might add it: so that one type has a severity and the others refuse it.
        _type("Bug", _AGILE_BUG, "CC293D", FAULT, *DEFECT),
    ),
)
AGILE = Process(
    "Agile",
    (
        _type("Epic", _AGILE_STORY, "E06C00", EPIC, *PLANNING),
        _type("Feature", _AGILE_STORY, "773B93", FEATURE, *PLANNING),
        _type("User Story", _AGILE_STORY, "009CCC", WISH),
        _type("Bug", _AGILE_BUG, "CC293D", FAULT, *DEFECT),
        _type("Issue", _AGILE_ISSUE, "B4009E", OBSTACLE),
        _type("Task", _AGILE_TASK, "A4880A", PIECE, *WORK),
    ),
)
SCRUM = Process(
    "Scrum",
    (
        _type("Epic", _SCRUM_EPIC, "E06C00", EPIC, *PLANNING),
        _type("Feature", _SCRUM_EPIC, "773B93", FEATURE, *PLANNING),
        _type("Product Backlog Item", _SCRUM_ITEM, "009CCC", WISH),
        _type("Bug", _SCRUM_ITEM, "CC293D", FAULT, *DEFECT),
        _type("Impediment", _SCRUM_IMPEDIMENT, "B4009E", OBSTACLE),
        _type("Task", _SCRUM_TASK, "A4880A", PIECE, *WORK),
    ),
)
CMMI = Process(
    "CMMI",
    (
        _type("Epic", _CMMI, "E06C00", EPIC, *PLANNING),
        _type("Feature", _CMMI, "773B93", FEATURE, *PLANNING),
        _type("Requirement", _CMMI_WORK, "009CCC", WISH),
        _type("Bug", _CMMI, "CC293D", FAULT, *DEFECT),
        _type("Issue", _CMMI, "B4009E", OBSTACLE, *URGENT),
        _type("Task", _CMMI_WORK, "A4880A", PIECE, *WORK),
    ),
)
PROCESSES: Mapping[str, Process] = {process.name.casefold(): process for process in (BASIC, AGILE, SCRUM, CMMI)}
