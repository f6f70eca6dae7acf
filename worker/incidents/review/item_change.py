"""A change of the work item by a person, as the review knows it."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class ItemChange:
    """`what` is the field's name for people, or `comment`; `text` is a comment's, plain."""

    at: datetime
    by: str
    what: str
    old: str = ""
    new: str = ""
    text: str = ""
