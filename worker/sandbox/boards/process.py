"""What a process is made of: work item types, their states, and the fields each of them has."""

from dataclasses import dataclass, replace
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


@dataclass(frozen=True)
class Process:
    name: str
    types: tuple[WorkItemType, ...]

    def type_named(self, name: str) -> WorkItemType | None:
        wanted = name.casefold()
        return next((kind for kind in self.types if kind.name.casefold() == wanted), None)

    def with_states(self, changed: WorkItemType, states: tuple[State, ...]) -> "Process":
        types = (replace(kind, states=states) if kind.name == changed.name else kind for kind in self.types)
        return replace(self, types=tuple(types))


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
    # As an administrator adds them: the first when the title alone shall not tell which incident an item belongs to,
    # the second for rules that ask for it.
    Field("Custom.IncidentKey", "Incident Key"),
    Field("Custom.RootCause", "Root Cause"),
)
PLANNING = (
    Field("Microsoft.VSTS.Scheduling.StartDate", "Start Date", "dateTime"),
    Field("Microsoft.VSTS.Scheduling.TargetDate", "Target Date", "dateTime"),
)
WORK = (
    Field("Microsoft.VSTS.Common.Activity", "Activity"),
    Field("Microsoft.VSTS.Scheduling.RemainingWork", "Remaining Work", "double"),
)
URGENT = (
    Field(
        SEVERITY,
        "Severity",
        allowed=("1 - Critical", "2 - High", "3 - Medium", "4 - Low"),
        default="3 - Medium",
    ),
)
DEFECT = (
    *URGENT,
    Field("Microsoft.VSTS.TCM.ReproSteps", "Repro Steps", "html"),
    Field("Microsoft.VSTS.TCM.SystemInfo", "System Info", "html"),
)

FIELDS = COMMON + PLANNING + WORK + DEFECT


def field_named(name: str) -> Field | None:
    """Find a field of any type by its reference or its friendly name."""
    return _named(FIELDS, name)


def defaults(work_item_type: WorkItemType) -> dict[str, Any]:
    return {f.reference: f.default for f in work_item_type.fields if f.default is not None}


def _named(fields: tuple[Field, ...], name: str) -> Field | None:
    wanted = name.casefold()
    return next((f for f in fields if wanted in (f.reference.casefold(), f.name.casefold())), None)
