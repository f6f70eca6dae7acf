"""Every example of every format becomes exactly the events that are written down beside it."""

import json

import pytest
from alert_examples import NAMES, example
from golden import GOLDEN, becomes, write


@pytest.mark.parametrize("name", NAMES)
def test_an_example_becomes_what_is_written_down(name):
    """The format is recognised, and nothing of the events has changed unseen."""
    assert becomes(example(name)) == json.loads((GOLDEN / f"{name}.json").read_text())


def test_nothing_is_written_down_for_what_is_not_there():
    """Each golden file has its example."""
    assert sorted(path.stem for path in GOLDEN.glob("*.json")) == NAMES


def test_writing_it_down_changes_nothing_that_holds(tmp_path):
    """`make golden` writes every file as it stands, byte by byte, and removes those whose example is gone."""
    (tmp_path / "gone.json").write_text("{}")
    write(tmp_path)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {
        path.name: path.read_bytes() for path in GOLDEN.iterdir()
    }
