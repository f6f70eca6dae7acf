"""What docs/sandbox.md says of faults is what the sandbox takes."""

import json
import re
from pathlib import Path

from worker.sandbox.harness.behaviour import Behaviour
from worker.sandbox.harness.faults import parse
from worker.sandbox.stand_ins import stand_ins
from worker.sandbox.world import DEFAULT_WORLD

PAGE = (Path(__file__).parents[3] / "docs" / "sandbox.md").read_text()
SYSTEMS = {each.system.name: each.system for each in stand_ins(DEFAULT_WORLD)}


def test_each_example_is_a_fault():
    """The requests can be typed as they stand."""
    examples = re.findall(r"curl -d '(\{.*\})' \$SANDBOX/sandbox/faults", PAGE)
    assert len(examples) == PAGE.count("$SANDBOX/sandbox/faults")
    assert all(parse(json.loads(example), SYSTEMS) for example in examples)


def test_each_behaviour_and_each_system_has_its_row():
    """The tables name all there are and no other."""
    first, second = (re.findall(r"^\| `([a-z-]+)` \|", part, re.MULTILINE) for part in PAGE.split("## Faults"))
    assert first == [*SYSTEMS, "queue"]
    assert sorted(second) == sorted(Behaviour)
