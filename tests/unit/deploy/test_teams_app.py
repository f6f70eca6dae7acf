"""The Teams app that a team's owner installs: held to Microsoft's schema, and to what the clients ask for."""

import json
import re
import struct
from pathlib import Path

import jsonschema
import pytest

ROOT = Path(__file__).parents[3]
TEAMS = ROOT / "deploy/teams"
MANIFEST = json.loads((TEAMS / "manifest.json").read_text())
SCHEMA = json.loads((Path(__file__).parent / "schemas/teams.json").read_text())["manifest"]


def test_manifest_is_one_that_teams_takes():
    """Every name, length and form in the manifest is one of its schema."""
    jsonschema.Draft202012Validator(SCHEMA).validate(MANIFEST)


def test_a_misspelt_name_is_found():
    """The check itself fails where it should."""
    wrong = json.loads(json.dumps(MANIFEST))
    wrong["bots"][0]["isNotificationsOnly"] = True
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft202012Validator(SCHEMA).validate(wrong)


def test_the_bot_is_the_one_who_asks():
    """One identity posts and reads: consent is given to the app that the bot is."""
    (bot,) = MANIFEST["bots"]
    assert bot["botId"] == MANIFEST["webApplicationInfo"]["id"]
    assert bot["scopes"] == ["team", "personal"]
    assert bot["isNotificationOnly"] is True


def test_consent_is_asked_for_what_the_client_needs_and_no_more():
    """The permissions in the manifest are those that the clients' refusals name."""
    asked = MANIFEST["authorization"]["permissions"]["resourceSpecific"]
    assert {each["type"] for each in asked} == {"Application"}
    clients = [path.read_text() for path in sorted((ROOT / "worker/clients/teams").glob("*.py"))]
    needed = set(re.findall(r"[A-Za-z]+\.[A-Za-z]+\.Group", "\n".join(clients)))
    assert {each["name"] for each in asked} == needed


@pytest.mark.parametrize(("icon", "size"), [("color", 192), ("outline", 32)])
def test_icons_are_pictures_of_the_right_size(icon, size):
    """Teams refuses an app whose icons are missing or of another size."""
    picture = (TEAMS / MANIFEST["icons"][icon]).read_bytes()
    assert picture.startswith(b"\x89PNG\r\n\x1a\n")
    assert struct.unpack(">II", picture[16:24]) == (size, size)
