"""The command `tocsin`: runs one command, and turns what failed into a sentence and an exit code."""

import sys

from worker.cli.commands import command_line
from worker.domain.errors import Misconfigured, TocsinError
from worker.domain.text import clean

FAILED = 1
WRONG_USE = 2


def main() -> None:
    try:
        command_line()(prog_name="tocsin")
    except TocsinError as error:
        print(f"tocsin: {clean(str(error))}", file=sys.stderr)  # noqa: T201  # this is where a person reads it
        sys.exit(WRONG_USE if isinstance(error, Misconfigured) else FAILED)


if __name__ == "__main__":
    main()
