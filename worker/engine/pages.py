"""Who has been told of an incident so far, while its steps are being taken."""

import asyncio
from collections.abc import Iterator

from pydantic import BaseModel

from worker.domain.page import Page


class Pages:
    """Every page that a step or a part has come to; `told` is set with the first one that reached somebody.

    `is_held`: nobody is to be told, or nobody yet, which is as it should be.
    """

    def __init__(self, *, is_held: bool = False) -> None:
        self.told = asyncio.Event()
        self.is_held = is_held
        self._pages: dict[tuple[str, str, int | str], Page] = {}

    def __iter__(self) -> Iterator[Page]:
        return iter(self._pages.values())

    def note(self, result: BaseModel) -> None:
        """Take up the pages that a result is or holds, or that it wants none; any other result says nothing."""
        self.is_held = self.is_held or getattr(result, "is_held", False)
        for page in (result,) if isinstance(result, Page) else getattr(result, "pages", ()):
            self._pages[page.person, page.by, page.level] = page
            if page.told:
                self.told.set()
