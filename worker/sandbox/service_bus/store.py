"""The broker's state in a SQLite file."""

from pathlib import Path


class Store:
    @classmethod
    def open(cls, path: Path) -> "Store":
        raise NotImplementedError

    def flush(self) -> None:
        raise NotImplementedError

    def close(self) -> None:
        raise NotImplementedError
