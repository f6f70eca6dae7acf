"""From a row's columns to what they mean, by the models that files are read with.

What is wrong in a column that others do not depend on hides that column alone.
"""

import json
from collections.abc import Collection, Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from worker.domain.validation import faults
from worker.oncall.stored.row import BrokenRow, StoredRow

Model = TypeVar("Model", bound=BaseModel)


class Findings(list[BrokenRow]):
    """What could not be read, row by row."""

    def of(self, row: StoredRow, fault: str) -> None:
        self.append(BrokenRow(row.keys, fault))


def read(
    model: type[Model], row: StoredRow, given: Mapping[str, Any], found: Findings, *, needed: Collection[str]
) -> Model | None:
    """None where something is wrong with what is needed; what is wrong with the rest is left out, and found."""
    try:
        return model.model_validate(given)
    except ValidationError as error:
        found.of(row, faults(error))
        wrong = {str(fault["loc"][0]) if fault["loc"] else "" for fault in error.errors()}
    if "" in wrong or wrong & set(needed):
        return None
    rest = {column: value for column, value in given.items() if column not in wrong}
    try:
        return model.model_validate(rest)
    except ValidationError:  # what was left out was needed after all, beside the others
        return None


def json_or_text(text: str) -> Any:
    """What begins as JSON does is read as JSON; raises ValueError."""
    if not text.lstrip().startswith(("[", "{")):
        return text
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise ValueError("begins as JSON does and cannot be read as JSON") from None
