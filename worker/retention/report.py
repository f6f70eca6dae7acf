"""What a run has deleted, or would."""

from pydantic import BaseModel, Field


class RetentionReport(BaseModel, frozen=True):
    """The shape of `--json`, to which fields may be added."""

    dry_run: bool
    keep_days: float = Field(description="The age from which an incident that is over is deleted.")
    export: str | None = Field(default=None, description="The file with what was deleted; null where there is none.")
    rows: int = Field(description="All that were deleted, or would be.")
    deleted: dict[str, int] = Field(
        description="How many incidents; and of what belongs to none, how many rows of each kind."
    )
    kept: dict[str, int] = Field(description="Incidents that were received as long ago and stay, by why.")
