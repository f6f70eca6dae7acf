"""Somebody to whom no way leads."""

from handlers.paging.way import Recipient, ToOne
from worker.domain.incident import Incident
from worker.domain.page import Page
from worker.engine.step import Done

_NO_WAY = "no way that is set up leads to them: a chat needs the bot, an SMS a number, a webhook its address"


class Unreached(ToOne):
    """Somebody to whom no way leads: that is an answer, too."""

    def __init__(self, recipient: Recipient) -> None:
        super().__init__(recipient, "no way")

    def without_effect(self, incident: Incident, done: Done) -> Page | None:
        del incident, done
        return self._page()

    async def find(self, incident: Incident, done: Done) -> Page | None:
        del incident, done
        return self._page()

    async def run(self, incident: Incident, done: Done) -> Page:
        del incident, done
        return self._page()

    def _page(self) -> Page:
        return self.recipient.page(self.by, _NO_WAY, told=False)
