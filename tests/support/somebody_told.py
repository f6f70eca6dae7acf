"""The least launch that is one: a step that tells somebody."""

from worker.domain.incident import Incident
from worker.domain.page import Page
from worker.engine.step import Done, Lookup


class SomebodyTold(Lookup[Page]):
    name = "tell-somebody"
    result = Page

    async def run(self, incident: Incident, done: Done) -> Page:
        return Page(person="ada@x.example", name="Ada", by="mention", told=True, answer="heard", why="On call.")
