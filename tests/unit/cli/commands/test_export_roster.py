"""`tocsin roster export` writes what can be read again."""

import json

import pytest

from worker.oncall.files.definition_file import read_definition_file

CONTENT = {
    "people": {"ada": {"name": "Ada Okafor", "email": "ada@contoso.example", "time_zone": "Europe/Berlin"}},
    "schedules": {
        "checkout": {
            "time_zone": "Europe/Berlin",
            "layers": [{"name": "week", "starts": "2027-05-03T09:00", "every": "1 week", "people": ["ada", "ben"]}],
            "overrides": [{"person": "cem", "from": "2027-05-11T18:00", "to": "2027-05-12T08:00"}],
        }
    },
    "services": {"shop": {"schedules": ["checkout"]}},
}


@pytest.fixture
def rota(tmp_path):
    path = tmp_path / "rota.json"
    path.write_text(json.dumps(CONTENT))
    return path


@pytest.mark.parametrize("form", ["yaml", "json"])
def test_what_is_exported_is_read_again_as_the_same(tocsin, rota, tmp_path, form):
    """Overrides included, which YAML says are people's."""
    out = tmp_path / f"out.{form}"
    code, told, _ = tocsin("roster", "export", "--file", rota, "--format", form, "--out", out)
    assert (code, told) == (0, "")
    assert read_definition_file(out).definitions == read_definition_file(rota).definitions
    assert ("--with-overrides" in out.read_text()) == (form == "yaml")


def test_standard_output_is_the_file(tocsin, rota, tmp_path):
    """Nothing else stands there."""
    code, out, err = tocsin("roster", "export", "--file", rota)
    assert (code, err) == (0, "")
    again = tmp_path / "again.yaml"
    again.write_text(out)
    assert read_definition_file(again).definitions == read_definition_file(rota).definitions


def test_a_place_that_cannot_be_written_is_said(tocsin, rota, tmp_path):
    """As a sentence."""
    code, _, err = tocsin("roster", "export", "--file", rota, "--out", tmp_path / "none" / "rota.yaml")
    assert code == 1
    assert "cannot be written: No such file or directory" in err
