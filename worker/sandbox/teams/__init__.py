"""Microsoft Teams behind Graph, as far as a launch needs it."""

from worker.sandbox.teams.stand_in import Teams

__all__ = ["Teams"]
