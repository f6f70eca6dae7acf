"""Options that are declared once and belong to several commands."""

from typing import Annotated

import pytest
import typer
from typer.testing import CliRunner

from worker.cli.shared_options import with_options_of


def read_place(*, city: Annotated[str, typer.Option(help="Where.")] = "Turin", floor: int = 0) -> str:
    if floor > 99:
        raise typer.BadParameter("no house is so high", param_hint="--floor")
    return f"{city}/{floor}"


@with_options_of(read_place)
def read_visit(place: str, *, guests: int = 1) -> tuple[str, int]:
    return place, guests


@with_options_of(read_visit)
def plan(visit: tuple[str, int], *, title: Annotated[str, typer.Option(help="What it is about.")] = "") -> None:
    """Plan a visit."""
    typer.echo((*visit, title))


@pytest.fixture
def run():
    app = typer.Typer()
    app.command()(plan)

    def invoke(*arguments):
        ran = CliRunner().invoke(app, arguments)
        return ran.exit_code, " ".join(ran.output.split())

    return invoke


def test_what_is_made_of_the_shared_options_is_the_first_argument(run):
    """Options of options as well, with their defaults where they are not given."""
    assert run("--city", "Graz", "--guests", "3", "--title", "x") == (0, "('Graz/0', 3, 'x')")
    assert run() == (0, "('Turin/0', 1, '')")


def test_help_shows_shared_options_before_the_commands_own(run):
    """In the words in which they are declared; the value made of them is no option."""
    _, told = run("--help")
    assert "Plan a visit." in told
    places = [told.index(option) for option in ("--city", "--floor", "--guests", "--title")]
    assert places == sorted(places)
    assert "Where." in told
    assert "--visit" not in told
    assert "--place" not in told


def test_a_value_that_cannot_be_made_is_wrong_use(run):
    """The sentence names the option, and the command has not begun."""
    code, told = run("--floor", "100")
    assert code == 2
    assert "no house is so high" in told
    assert "Turin" not in told
