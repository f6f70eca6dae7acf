"""Lists that lag behind what was made, for as long as a fault says; reading by id never does."""

from __future__ import annotations

from datetime import datetime
from typing import TypeVar

from aiohttp import web

from worker.sandbox.harness.faults import FAULTS
from worker.sandbox.teams.channels import Channel
from worker.sandbox.teams.messages import Message
from worker.sandbox.teams.remote_systems import GRAPH

Made = TypeVar("Made", Channel, Message)


def old_enough(made: list[Made], request: web.Request, now: datetime) -> list[Made]:
    lag = request.app[FAULTS].lag(GRAPH.name)
    return [thing for thing in made if thing.created <= now - lag] if lag else made
