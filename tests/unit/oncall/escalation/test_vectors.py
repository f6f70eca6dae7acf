"""Escalations with their answers, as they are public."""

import json
from pathlib import Path

import pytest
from escalations import rehearsed

VECTORS = json.loads((Path(__file__).parents[1] / "examples" / "on-call-vectors.json").read_text())


@pytest.mark.parametrize("case", VECTORS["escalations"], ids=lambda case: case["name"])
def test_who_is_told_when_is_as_the_vectors_say(case):
    """Each level in its order, those passed over too, and how it stands at the end."""
    assert rehearsed(case).document() == {"told": case["expect"], "end": case["end"]}
