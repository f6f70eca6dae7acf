"""Somebody else's pager, told by a signed webhook."""

from worker.sandbox.pager.stand_in import Pager

__all__ = ["Pager"]
