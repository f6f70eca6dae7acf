"""`tocsin --version`."""

from importlib.metadata import version
from typing import Annotated

import typer


def _print_version(wanted: bool) -> None:  # noqa: FBT001  # typer hands the value over
    if wanted:
        typer.echo(f"tocsin {version('tocsin')}")
        raise typer.Exit


def version_option(
    *,
    _version: Annotated[
        bool,
        typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and exit."),
    ] = False,
) -> None:
    """The options of `tocsin` itself."""
