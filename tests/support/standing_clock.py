"""What the commands take for now, held at one instant."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, tzinfo
from typing import Any

import pytest


class _Kind(type):
    """Every time is one of this kind, whoever made it."""

    def __instancecheck__(cls, instance: object) -> bool:
        return isinstance(instance, datetime)


@contextmanager
def standing_at(instant: datetime, *packages: str) -> Iterator[None]:
    """In the modules of these packages that are imported already; what they ask of the time else is as ever."""

    class Standing(datetime, metaclass=_Kind):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> Any:
            return instant.astimezone(tz)

    with pytest.MonkeyPatch.context() as patch:
        for name, module in list(sys.modules.items()):
            if name.startswith(packages) and getattr(module, "datetime", None) is datetime:
                patch.setattr(module, "datetime", Standing)
        yield
