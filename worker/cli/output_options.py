"""How a command's result is shown, in the words that all of them have for it."""

from typing import Annotated

import typer

Json = Annotated[bool, typer.Option("--json", help="For programs; fields may be added, none is renamed.")]
Utc = Annotated[bool, typer.Option("--utc", help="Times in UTC, not by this machine's clock.")]
