"""The page of steps names what there is: commands, options, settings, files and permissions."""

import inspect
import re
from pathlib import Path

import pytest

from worker.cli.commands import COMMANDS, GROUPS
from worker.settings import Settings

ROOT = Path(__file__).parents[3]
STEPS = (ROOT / "deploy/README.md").read_text()


# Promised by the public interface, and on the page before it is there.
PROMISED = {"doctor"}


def typed_on_the_page():
    typed = {" ".join(found.split()) for found in re.findall(r"`tocsin ([a-z][^`]*)`", STEPS)}
    return sorted(typed - PROMISED)


def test_every_setting_on_the_page_is_one():
    """What the page says to set is read by Tocsin."""
    assert {name.removeprefix("TOCSIN_").lower() for name in re.findall(r"TOCSIN_[A-Z_]+", STEPS)} <= set(
        Settings.model_fields
    )


def test_the_page_tells_every_setting_that_production_needs():
    """Nothing that a worker insists on is left out of the table."""
    needed = {"servicebus_namespace", "tables_endpoint", "boards_url", "teams_team_id", "bot_service_url", "bot_app_id"}
    assert all(f"TOCSIN_{name.upper()}" in STEPS for name in needed)


@pytest.mark.parametrize("typed", typed_on_the_page())
def test_every_command_on_the_page_is_one(typed):
    """Each command and option that the page tells to type is known."""
    first, *words = re.sub(r'"[^"]*"', "", typed).split()
    commands = {command.name: command.load() for command in COMMANDS}
    if first in GROUPS:
        commands |= {f"{first} {command.name}": command.load() for command in GROUPS[first][1]}
        first = f"{first} {words[0]}"
    options = {f"--{name.replace('_', '-')}" for name in inspect.signature(commands[first]).parameters}
    assert {word for word in words if word.startswith("--")} <= options


def test_every_file_on_the_page_is_there():
    """Paths below deploy/ that the page names exist."""
    named = set(re.findall(r"(?:deploy/)?((?:bicep|kubernetes|teams|compose)/[\w./-]*)", STEPS))
    assert len(named) >= 6
    assert not [path for path in named if not (ROOT / "deploy" / path).exists()]


def test_every_output_on_the_page_is_one():
    """The client id that step 7 asks for is an output of the deployment."""
    outputs = re.findall(r"^output (\w+)", (ROOT / "deploy/bicep/main.bicep").read_text(), re.MULTILINE)
    assert set(re.findall(r"the output `(\w+)`", STEPS)) <= set(outputs)


def test_every_parameter_on_the_page_is_one():
    """What step 4 tells to fill in is a parameter of the main file, or a part of one."""
    (step,) = re.findall(r"^4\. .*?(?=^   ```)", STEPS, re.MULTILINE | re.DOTALL)
    named = set(re.findall(r"`([a-zA-Z]+)(?: = \w+)?`", step))
    assert {"appRegistration", "containerApps", "kubernetesIssuer"} <= named
    declared = re.findall(r"^(?:param|  )\s*(\w+)", (ROOT / "deploy/bicep/main.bicep").read_text(), re.MULTILINE)
    assert named <= set(declared)
