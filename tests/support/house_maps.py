"""A house's own format, as the documentation has it, and maps of a test's own."""

import json
from pathlib import Path

from worker.alerts.mapping.map_files import read_formats

FOLDER = Path(__file__).parents[1] / "unit/alerts/mapping"
VIGIL = FOLDER / "vigil.yaml"


def vigil(**changes):
    """The payload of the documentation, with other values in its only alert."""
    payload = json.loads((FOLDER / "vigil.json").read_text())
    [alert] = payload["results"]
    return payload | {"results": [alert | changes]}


def ended(**changes):
    return vigil(verdict="up", until="2026-03-02T09:40:00Z", **changes)


def written(folder, text, name="maps.yaml"):
    """The path of a file of maps with this text."""
    path = folder / name
    path.write_text(text)
    return path


def house_of(folder, text):
    [house] = read_formats(written(folder, text))
    return house
