"""How often updates are promised, as a person types it."""

from worker.cli.moments import read_minutes

EVERY = "How often updates are promised from now on: 20m, 2h, or never."
NEVER = "never"


def read_interval(text: str) -> int:
    """Minutes; 0 is never. Raises typer.BadParameter."""
    return 0 if text.strip().lower() == NEVER else read_minutes(text)
