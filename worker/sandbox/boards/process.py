"""The process of the project: its work item types, their states, and the fields each of them has."""

from dataclasses import dataclass
from typing import Any

from worker.sandbox.boards.refusal import unknown_field

TITLE_LENGTH = 255
LONG_TEXT_LENGTH = 1_000_000

PRIORITY = "Microsoft.VSTS.Common.Priority"
SEVERITY = "Microsoft.VSTS.Common.Severity"


@dataclass(frozen=True)
class Field:
    reference: str
    name: str
    type: str = "string"
    read_only: bool = False
    required: bool = False
    allowed: tuple[str | int, ...] = ()
    default: str | int | None = None

    @property
    def is_long_text(self) -> bool:
        return self.type in ("html", "plainText", "history")


@dataclass(frozen=True)
class State:
    name: str
    color: str
    category: str


@dataclass(frozen=True)
class WorkItemType:
    name: str
    reference: str
    color: str
    description: str
    states: tuple[State, ...]
    fields: tuple[Field, ...]

    @property
    def state_names(self) -> tuple[str, ...]:
        return tuple(state.name for state in self.states)

    def field(self, name: str) -> Field:
        found = _named(self.fields, name)
        if found is None:
            raise unknown_field(name)
        return found


COMMON = (
    Field("System.Id", "ID", "integer", read_only=True),
    Field("System.Rev", "Rev", "integer", read_only=True),
    Field("System.TeamProject", "Team Project", read_only=True),
    Field("System.WorkItemType", "Work Item Type", read_only=True, required=True),
    Field("System.Title", "Title", required=True),
    Field("System.State", "State", required=True),
    Field("System.Reason", "Reason"),
    Field("System.AssignedTo", "Assigned To", "identity"),
    Field("System.AreaPath", "Area Path", "treePath", required=True),
    Field("System.IterationPath", "Iteration Path", "treePath", required=True),
    Field("System.CreatedDate", "Created Date", "dateTime", read_only=True),
    Field("System.CreatedBy", "Created By", "identity", read_only=True),
    Field("System.ChangedDate", "Changed Date", "dateTime", read_only=True),
    Field("System.ChangedBy", "Changed By", "identity", read_only=True),
    Field("System.CommentCount", "Comment Count", "integer", read_only=True),
    Field("System.HyperLinkCount", "Hyperlink Count", "integer", read_only=True),
    Field("System.Parent", "Parent", "integer", read_only=True),
    Field("System.Description", "Description", "html"),
    Field("System.History", "History", "history"),
    Field("System.Tags", "Tags", "plainText"),
    Field("Microsoft.VSTS.Common.StateChangeDate", "State Change Date", "dateTime", read_only=True),
    Field(PRIORITY, "Priority", "integer", allowed=(1, 2, 3, 4), default=2),
    # As an administrator adds it when the title alone shall not tell which incident an item belongs to.
    Field("Custom.IncidentKey", "Incident Key"),
)
PLANNING = (
    Field("Microsoft.VSTS.Scheduling.StartDate", "Start Date", "dateTime"),
    Field("Microsoft.VSTS.Scheduling.TargetDate", "Target Date", "dateTime"),
)
WORK = (
    Field("Microsoft.VSTS.Common.Activity", "Activity"),
    Field("Microsoft.VSTS.Scheduling.RemainingWork", "Remaining Work", "double"),
)
DEFECT = (
    Field(
        SEVERITY,
        "Severity",
        allowed=("1 - Critical", "2 - High", "3 - Medium", "4 - Low"),
        default="3 - Medium",
    ),
    Field("Microsoft.VSTS.TCM.ReproSteps", "Repro Steps", "html"),
    Field("Microsoft.VSTS.TCM.SystemInfo", "System Info", "html"),
)

BASIC_STATES = (
    State("To Do", "b2b2b2", "Proposed"),
    State("Doing", "007acc", "InProgress"),
    State("Done", "339933", "Completed"),
)
AGILE_STATES = (
    State("New", "b2b2b2", "Proposed"),
    State("Active", "007acc", "InProgress"),
    State("Resolved", "ff9d00", "Resolved"),
    State("Closed", "339933", "Completed"),
)

# The Basic process, and Agile's Bug beside it: so that one type has a severity and the others refuse it.
TYPES = (
    WorkItemType(
        "Epic",
        "Microsoft.VSTS.WorkItemTypes.Epic",
        "E06C00",
        "Work that takes many issues to finish.",
        BASIC_STATES,
        COMMON + PLANNING,
    ),
    WorkItemType(
        "Issue",
        "Microsoft.VSTS.WorkItemTypes.Issue",
        "B4009E",
        "Something that stands in the way and needs somebody.",
        BASIC_STATES,
        COMMON,
    ),
    WorkItemType(
        "Task",
        "Microsoft.VSTS.WorkItemTypes.Task",
        "A4880A",
        "A piece of work for one person.",
        BASIC_STATES,
        COMMON + WORK,
    ),
    WorkItemType(
        "Bug",
        "Microsoft.VSTS.WorkItemTypes.Bug",
        "CC293D",
        "A defect, with a severity.",
        AGILE_STATES,
        COMMON + DEFECT,
    ),
)
FIELDS = COMMON + PLANNING + WORK + DEFECT


def type_named(name: str) -> WorkItemType | None:
    wanted = name.casefold()
    return next((t for t in TYPES if t.name.casefold() == wanted), None)


def field_named(name: str) -> Field | None:
    """Find a field of any type by its reference or its friendly name."""
    return _named(FIELDS, name)


def defaults(work_item_type: WorkItemType) -> dict[str, Any]:
    return {f.reference: f.default for f in work_item_type.fields if f.default is not None}


def _named(fields: tuple[Field, ...], name: str) -> Field | None:
    wanted = name.casefold()
    return next((f for f in fields if wanted in (f.reference.casefold(), f.name.casefold())), None)
