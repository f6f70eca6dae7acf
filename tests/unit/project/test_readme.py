"""The README and its pages stay true: what they name is there, and what is there is named."""

import re
import shlex
from pathlib import Path

import pytest
from typer.main import get_command

from worker.cli.commands import command_line
from worker.cli.lazy_command import LazyCommand
from worker.settings import ME, PREFIX, Settings

ROOT = Path(__file__).parents[3]
README = (ROOT / "README.md").read_text()
PAGES = {
    path.name: path.read_text()
    for path in (ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").glob("*.md"))
}
MAKEFILE = (ROOT / "Makefile").read_text()
VARIABLES = {
    ME,
    *(str(field.validation_alias or PREFIX + name.upper()) for name, field in Settings.model_fields.items()),
}
COMMANDS = [
    line
    for page in PAGES.values()
    for line in re.findall(r"^\$ (?:\.venv/bin/)?tocsin ([^#\n|<]+)", page, re.MULTILINE)
]
LINKS = [(name, link) for name, page in PAGES.items() for link in re.findall(r"\]\((?!https?:)([^)#]+)", page)]
SECTIONS = ["Try it", "The way of one alert", "Operate", "Connect", "Configure", "Develop"]


@pytest.mark.parametrize("name", sorted(VARIABLES))
def test_every_setting_is_explained(name):
    """Nobody has to read the code to find a setting."""
    assert f"`{name}`" in PAGES["settings.md"]


@pytest.mark.parametrize("page", PAGES)
def test_no_setting_is_invented(page):
    """Each variable that a page names is read."""
    named = set(re.findall(rf"{PREFIX}[A-Z_]+[A-Z]", PAGES[page]))
    assert named <= VARIABLES


def test_readme_goes_from_what_one_gets_to_how_it_is_made():
    """Whoever reads from the top tries it before they configure it, and configures it before they change it."""
    assert re.findall(r"^## (.+)$", README, re.MULTILINE) == SECTIONS


@pytest.mark.parametrize(("page", "link"), LINKS)
def test_every_link_leads_somewhere(page, link):
    """A page or a picture that is linked is there."""
    folder = ROOT if (ROOT / page).is_file() else ROOT / "docs"
    assert (folder / link).is_file()


@pytest.mark.parametrize("place", sorted(set(re.findall(r"^((?:worker|handlers)/[a-z/]*)", README, re.MULTILINE))))
def test_the_way_of_an_alert_leads_through_packages(place):
    """Each folder on the way of one alert is a package, and the map of the code stays one."""
    assert (ROOT / place / "__init__.py").is_file()


@pytest.mark.parametrize("line", COMMANDS)
def test_every_command_can_be_typed(line):
    """Each command of the README, with its options, is one that there is."""
    command, words = get_command(command_line()), shlex.split(line)
    while words and not words[0].startswith("-") and words[0] in getattr(command, "commands", {}):
        command = command.commands[words.pop(0)]
    command = command.load() if isinstance(command, LazyCommand) else command
    options = {option for parameter in command.params for option in parameter.opts}
    assert not getattr(command, "commands", {}), f"{line} names no command"
    assert {word for word in words if word.startswith("--")} <= options


@pytest.mark.parametrize("target", sorted(set(re.findall(r"(?:`|\$ )make ([a-z]+)", README))))
def test_every_make_target_is_there(target):
    """Each `make …` of the README works."""
    assert re.search(rf"^{target}:", MAKEFILE, flags=re.MULTILINE)
