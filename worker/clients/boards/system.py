"""Azure Boards as a remote system."""

from worker.clients.system import System

BOARDS = System("boards", "Azure Boards")
