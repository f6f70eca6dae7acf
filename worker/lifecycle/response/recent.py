"""The newest names of so many that no process runs out of memory."""

_MOST = 10_000


class Recent:
    """The oldest is forgotten when there are too many."""

    def __init__(self) -> None:
        self._names: dict[str, None] = {}

    def add(self, name: str) -> None:
        if len(self._names) >= _MOST:
            self._names.pop(next(iter(self._names)))
        self._names[name] = None

    def knows(self, name: str) -> bool:
        return name in self._names
