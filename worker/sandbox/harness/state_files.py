"""Keeps each stand-in's state in a JSON file, so that a restarted sandbox has lost nothing."""

import json
import os
from pathlib import Path
from typing import Any


class StateFiles:
    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self._saved: dict[str, str] = {}

    def load(self, system: str) -> dict[str, Any] | None:
        path = self._path(system)
        if not path.exists():
            return None
        try:
            state: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        except ValueError as error:
            raise ValueError(
                f"The sandbox could not read its state of {system} from {path}: {error}. "
                "Move the file away to begin with an empty one."
            ) from error
        return state

    def save(self, system: str, state: dict[str, Any]) -> None:
        text = json.dumps(state)
        if self._saved.get(system) == text:
            return
        path = self._path(system)
        written = path.with_suffix(".new")
        with written.open("w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            # Without it the rename may survive a power cut and the content not.
            os.fsync(file.fileno())
        written.replace(path)
        self._saved[system] = text

    def _path(self, system: str) -> Path:
        return self._folder / f"{system}.json"
