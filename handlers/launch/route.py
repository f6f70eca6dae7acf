"""Decide where the incident lives: its team, its project, and what else the catalogue says of its service."""

import asyncio
from collections.abc import Iterator
from datetime import timedelta

from pydantic import BaseModel

from worker.domain.errors import TocsinError
from worker.domain.event import Event
from worker.domain.incident import Incident
from worker.engine.step import Done, Opening
from worker.oncall.catalogue import DefinitionsReader, service_meant
from worker.oncall.definitions import ServiceRecord

# Longer than it takes to fall back on the copy of what the table held last. After it a launch by the settings is worth
# more than one in the right place later.
_PATIENCE = timedelta(seconds=5)
_SHOWN_TEAMS = 3


class Routed(BaseModel, frozen=True):
    """Where everything of the incident is made; what is empty is as the settings say.

    `service` is its name in the catalogue, empty where none is meant; `given` is what the alert called it then. `teams`
    are tried in this order. `note` says what stood in the way of a route.
    """

    service: str = ""
    given: str = ""
    teams: tuple[str, ...] = ()
    project: str = ""
    area_path: str = ""
    iteration_path: str = ""
    work_item_type: str = ""
    language: str = ""
    runbook: str = ""
    owner: str = ""
    note: str = ""

    @classmethod
    def by(cls, service: ServiceRecord, given: str) -> "Routed":
        return cls(
            service=service.name,
            given=given,
            teams=service.teams,
            project=service.project,
            area_path=service.area_path,
            iteration_path=service.iteration_path,
            work_item_type=service.work_item_type,
            language=service.language,
            runbook=service.runbook,
            owner=service.owner,
        )

    def service_of(self, event: Event) -> str:
        """As the catalogue calls it, unless somebody has corrected the event since: people are called by that."""
        return self.service if self.service and event.service == self.given else event.service


class Route(Opening[Routed]):
    """Decide where the incident lives, once: what is decided holds for every attempt, whatever the catalogue says then.

    Without an answer in time it lives where the settings say, for good.
    """

    name = "route"
    result = Routed

    def describe(self, result: Routed) -> str:
        return ", ".join(_words(result))

    def __init__(self, reader: DefinitionsReader) -> None:
        self._reader = reader

    async def run(self, incident: Incident, done: Done) -> Routed:
        del done
        try:
            async with asyncio.timeout(_PATIENCE.total_seconds()):
                definitions = await self._reader.definitions()
        except TimeoutError:
            return Routed(note=f"The catalogue was not read within {_PATIENCE.seconds} s; the settings are the route.")
        except TocsinError as error:
            return Routed(note=f"The catalogue could not be read; the settings are the route. {error}")
        meant = service_meant(definitions, incident.event)
        return Routed.by(meant.service, incident.event.service) if meant.service else Routed(note=meant.note)


def routed(done: Done) -> Routed:
    """The route of the incident; the settings' where it was opened without one."""
    return done.wanted(Route) or Routed()


def _words(route: Routed) -> Iterator[str]:
    """Only what is not the settings'."""
    if route.service:
        yield route.service
    if route.project:
        yield f"project {route.project}"
    if route.area_path:
        yield f"area {route.area_path}"
    if route.iteration_path:
        yield f"iteration {route.iteration_path}"
    if route.work_item_type:
        yield route.work_item_type
    if route.teams:
        more = len(route.teams) - _SHOWN_TEAMS
        yield f"team {' or '.join(route.teams[:_SHOWN_TEAMS])}" + (f" or {more} more" if more > 0 else "")
    if route.note:
        yield route.note
