"""A command that a group lists by its name and one sentence; its module is imported once it is itself asked for."""

from collections.abc import Callable
from inspect import getdoc
from typing import Any, cast

import typer
from typer.core import TyperCommand


class LazyCommand(TyperCommand):
    """Its callback, which typer never calls, gives the function, whose docstring goes on after the one sentence."""

    def make_context(self, *args: Any, **extra: Any) -> Any:
        """What runs, helps and completes from here on is the command itself."""
        return self.load().make_context(*args, **extra)

    def load(self) -> TyperCommand:
        function = cast("Callable[[], Callable[..., None]]", self.callback)()
        only = typer.Typer(add_completion=False)
        words = filter(None, (self.help, getdoc(function)))
        only.command(self.name, help="\n\n".join(words), epilog=self.epilog)(function)
        return cast("TyperCommand", typer.main.get_command(only))
