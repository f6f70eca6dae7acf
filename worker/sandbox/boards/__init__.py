"""The stand-in for Azure Boards: the part of an Azure DevOps organisation that keeps work items."""

from worker.sandbox.boards.endpoints import Boards

__all__ = ["Boards"]
