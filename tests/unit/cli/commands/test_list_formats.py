"""`tocsin formats list` tells what can be read here, by what it is known, and where it is sent."""

import json
import sys

import pytest
from house_maps import VIGIL

from worker.__main__ import main
from worker.alerts.formats import FORMATS


@pytest.fixture
def list_formats(monkeypatch, capsys):
    def run(*options):
        monkeypatch.setattr(sys, "argv", ["tocsin", "formats", "list", *options])
        with pytest.raises(SystemExit) as ended:
            main()
        return ended.value.code, capsys.readouterr().out

    return run


def test_every_format_is_listed_with_its_mark_and_its_address(list_formats, monkeypatch):
    """A house's own first, as it is recognised first, with the place of its map."""
    monkeypatch.setenv("TOCSIN_FORMATS", str(VIGIL))
    code, out = list_formats("--json")
    assert code == 0
    first, *others = json.loads(out)
    assert first == {
        "name": "vigil",
        "address": "/v1/alerts/vigil",
        "looked_for": "origin == 'vigil'",
        "defined": "vigil.yaml, line 1",
    }
    assert [each["name"] for each in others] == list(FORMATS)
    assert all(each["defined"] == "built in" and each["looked_for"] for each in others)
    assert {"/v1/incidents", "/v1/events", "/v2/enqueue"} <= {each["address"] for each in others}


def test_people_read_it_too(list_formats):
    """Each name with what it looks for."""
    code, out = list_formats()
    assert code == 0
    told = " ".join(out.split())
    assert all(f"{name} address /v" in told for name in FORMATS)
