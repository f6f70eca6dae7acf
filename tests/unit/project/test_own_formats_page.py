"""The page about formats of a house's own shows what works, and names every field."""

import re
from pathlib import Path

from house_maps import FOLDER

from worker.alerts.mapping.format_map import FormatMap, StateMap

PAGE = (Path(__file__).parents[3] / "docs/own-formats.md").read_text()


def block(language):
    return re.search(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)[1]


def test_the_example_is_the_one_that_is_tested():
    """What people copy is what the tests read."""
    assert block("yaml") == (FOLDER / "vigil.yaml").read_text()
    assert block("json") == (FOLDER / "vigil.json").read_text()


def test_every_field_is_on_the_page():
    """A field that is added to a map is added to its documentation."""
    named = set(re.findall(r"`([\w-]+)`", PAGE.partition("## The fields")[2]))
    fields = {field.alias or name for kind in (FormatMap, StateMap) for name, field in kind.model_fields.items()}
    assert fields <= named
