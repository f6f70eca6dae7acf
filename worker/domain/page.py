"""What was tried to reach one person, and what the way answered."""

from typing import Literal

from pydantic import BaseModel

LAST_RESORT: Literal["last-resort"] = "last-resort"


class Page(BaseModel, frozen=True):
    """One person by one way.

    `person` is the address in the roster, or what the last resort names; `by` is mention, chat, sms, webhook:NAME or
    work-item. `told`: the way took it. `answer` is what it said, in a few words. `message` is its id there, if any.
    """

    person: str
    name: str
    by: str
    told: bool
    answer: str
    why: str
    level: int | Literal["last-resort"] = 1
    message: str = ""


class Paged(BaseModel, frozen=True):
    """What a step that pages came to."""

    pages: tuple[Page, ...] = ()

    @property
    def words(self) -> str:
        told = [f"{page.name} by {page.by}" for page in self.pages if page.told]
        missed = [f"{page.name} not by {page.by}" for page in self.pages if not page.told]
        return ", ".join((*told, *missed))
