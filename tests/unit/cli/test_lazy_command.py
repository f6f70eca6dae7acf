"""A command whose function is fetched once it is itself asked for."""

from typing import Annotated

import pytest
import typer
from typer.testing import CliRunner

from worker.cli.lazy_command import LazyCommand


def greet(name: str, *, loud: Annotated[bool, typer.Option("--loud", help="In capitals.")] = False) -> None:
    """Nobody hears it but you."""
    typer.echo(name.upper() if loud else name)


class Shelf:
    """Hands its function out, and counts how often."""

    def __init__(self):
        self.fetched = 0

    def load(self):
        self.fetched += 1
        return greet


@pytest.fixture
def shelf():
    return Shelf()


@pytest.fixture
def run(shelf):
    app = typer.Typer()
    app.command("greet", cls=LazyCommand, help="Greet somebody.", epilog="Example: app greet Ada")(shelf.load)
    app.command("other")(lambda: None)

    def invoke(*arguments):
        ran = CliRunner().invoke(app, arguments)
        return ran.exit_code, " ".join(ran.output.split())

    return invoke


@pytest.mark.parametrize("arguments", [["--help"], ["other"], ["greed"]], ids=" ".join)
def test_whoever_asks_for_something_else_does_not_wait_for_it(run, shelf, arguments):
    """The list above it, its neighbours and a wrong name leave it where it is."""
    _, told = run(*arguments)
    assert shelf.fetched == 0
    assert ("Greet somebody." in told) is (arguments == ["--help"])


def test_it_runs_with_its_arguments_and_options(run, shelf):
    """The function's own signature is the command's."""
    assert run("greet", "Ada", "--loud") == (0, "ADA")
    assert shelf.fetched == 1


def test_its_help_is_the_sentence_and_what_its_docstring_adds(run):
    """With the options of the function and the example of the table."""
    code, told = run("greet", "--help")
    assert code == 0
    assert told.index("Greet somebody.") < told.index("Nobody hears it but you.") < told.index("--loud")
    assert told.endswith("Example: app greet Ada")


def test_wrong_use_of_it_is_two(run):
    """As of any other command."""
    code, told = run("greet", "--quiet")
    assert code == 2
    assert "No such option" in told
