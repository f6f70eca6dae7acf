"""The stand-ins that the sandbox serves over HTTP: a new one is a folder or a file, and one line here."""

from worker.sandbox.boards import Boards
from worker.sandbox.harness.stand_in import StandIn
from worker.sandbox.pager import Pager
from worker.sandbox.sms import Sms
from worker.sandbox.teams import Teams
from worker.sandbox.teams.bot import Bot
from worker.sandbox.world import World


def stand_ins(world: World, *, process: str = "basic") -> tuple[StandIn, ...]:
    """`process`: that of the projects in Boards."""
    teams = Teams(world)
    return (Boards(world, process=process), teams, Bot(world, teams), Sms(world), Pager())
