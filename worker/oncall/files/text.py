"""The text of a file of people or of definitions, bounded in size and in whatever encoding it is."""

from pathlib import Path

from worker.domain.errors import Rejected
from worker.oncall.spreadsheet import decode

BYTES_LIMIT = 2 * 1024 * 1024


def read_text(path: Path) -> str:
    """Raises Rejected."""
    try:
        with path.open("rb") as file:
            content = file.read(BYTES_LIMIT + 1)
    except OSError as error:
        raise Rejected(f"{path} cannot be read: {error.strerror}.") from None
    if len(content) > BYTES_LIMIT:
        raise Rejected(f"{path} is larger than {BYTES_LIMIT // 1024} KB; so large is no rota.")
    try:
        return decode(content)
    except Rejected as error:
        raise Rejected(f"{path} {error}") from None
