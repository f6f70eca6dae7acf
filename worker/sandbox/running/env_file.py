"""The settings that point at a sandbox, as a file for a shell and for `.env`; it takes the place of no other's."""

import os
from collections.abc import Mapping
from pathlib import Path

from worker.domain.errors import Misconfigured

_FIRST_LINE = "# Written by `tocsin sandbox`; the next one with this --env-file writes over it."


def settings_file(settings: Mapping[str, str]) -> str:
    """For a shell as for a .env file."""
    return "".join(f"{name}='{value}'\n" for name, value in settings.items())


def take_away_settings(path: Path) -> None:
    """Remove an earlier sandbox's file, since it stands for one that is ready; raises Misconfigured for any other."""
    _refuse_foreign(path)
    path.unlink(missing_ok=True)


def write_settings(path: Path, settings: Mapping[str, str]) -> None:
    """Readable by its owner alone, and there as a whole or not at all; raises Misconfigured as `take_away_settings`."""
    _refuse_foreign(path)
    written = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with os.fdopen(os.open(written, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            file.write(f"{_FIRST_LINE}\n{settings_file(settings)}")
        written.replace(path)
    except OSError as error:
        raise Misconfigured(
            f"The settings cannot be written to {path}: {error.strerror}. Choose another file."
        ) from None


def _refuse_foreign(path: Path) -> None:
    try:
        with path.open("rb") as file:
            line = file.readline(len(_FIRST_LINE) + 1)
    except FileNotFoundError:
        return
    except OSError as error:
        raise Misconfigured(f"{path} cannot be used for the settings: {error.strerror}. Choose another file.") from None
    if line and line.rstrip() != _FIRST_LINE.encode():
        raise Misconfigured(
            f"{path} was not written by a sandbox, and stays as it is. Move it away, or choose another --env-file."
        )
