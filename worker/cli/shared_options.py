"""Options that several commands have: declared once, by the function that makes one value of them."""

from collections.abc import Callable
from functools import wraps
from inspect import signature
from typing import Any, Concatenate, ParamSpec, TypeVar

Value = TypeVar("Value")
Own = ParamSpec("Own")
Result = TypeVar("Result")


def with_options_of(
    read: Callable[..., Value],
) -> Callable[[Callable[Concatenate[Value, Own], Result]], Callable[..., Result]]:
    """The command has the options of `read` before its own, and its first argument is what `read` makes of them."""
    shared = signature(read).parameters

    def decorate(command: Callable[Concatenate[Value, Own], Result]) -> Callable[..., Result]:
        act: Callable[..., Result] = command
        _, *own = signature(command).parameters.values()

        @wraps(command)
        def run(**given: Any) -> Result:
            value = read(**{name: given.pop(name) for name in shared})
            return act(value, **given)

        parameters = sorted([*shared.values(), *own], key=lambda parameter: parameter.kind)
        run.__signature__ = signature(command).replace(parameters=parameters)  # type: ignore[attr-defined]
        return run

    return decorate
