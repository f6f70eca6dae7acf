"""`tocsin formats try` tells what payloads become, and sends nothing."""

import io
import json
import sys

import pytest
from house_maps import VIGIL, ended, vigil, written

from worker.__main__ import main


@pytest.fixture
def try_format(monkeypatch, capsys, tmp_path):
    """Run the command on these payloads: its exit code, standard output and standard error."""

    def run(*payloads, options=("--map", str(VIGIL)), stdin=b""):
        names = [f"{place}.json" for place, _ in enumerate(payloads)]
        for name, payload in zip(names, payloads, strict=True):
            (tmp_path / name).write_text(json.dumps(payload))
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        monkeypatch.setattr(sys, "argv", ["tocsin", "formats", "try", *options, *names])
        with pytest.raises(SystemExit) as ended:
            main()
        told = capsys.readouterr()
        return ended.value.code, " ".join(told.out.split()), told.err

    return run


def test_a_map_is_tried_on_a_beginning_and_its_end(try_format):
    """Each field with its expression, what is absent, how it is grouped, and that the end finds its beginning."""
    code, out, _ = try_format(vigil(), ended())
    assert code == 0
    assert "1 0.json: trigger: Login fails on shop.contoso.example" in out
    assert "fingerprint.1 check.id gives 4711" in out
    assert "absent state_reason (reason), resolved_at (until)" in out
    assert "in service 'checkout' (the default rule)" in out
    assert out.endswith("Alert 2 ends 1: its fingerprint is that of alert 1, and its end is not before that began.")


def test_what_launches_nothing_is_told(try_format):
    """The reason stands with the payload."""
    code, out, _ = try_format(vigil(verdict="rehearsal"))
    assert code == 0
    assert "1 0.json: nothing is done about it: An alert is 'rehearsal'" in out


def test_the_payload_may_come_by_standard_input_to_a_format_that_is_set(try_format, monkeypatch):
    """Without a map the formats of the settings are recognised."""
    monkeypatch.setenv("TOCSIN_FORMATS", str(VIGIL))
    code, out, _ = try_format(options=(), stdin=json.dumps(vigil()).encode())
    assert code == 0
    assert "1 standard input: trigger: Login fails" in out


def test_one_map_is_meant_whatever_its_mark_says(try_format, tmp_path):
    """A mark that does not fit yet is no reason to try nothing; of several maps the mark or the option decides."""
    path = written(tmp_path, "name: acme\nmark: kind == 'acme'\ntitle: name\n")
    assert try_format({"name": "x"}, options=("--map", str(path)))[0] == 0
    written(tmp_path, "name: other\ntitle: name\n", "other.yaml")
    code, _, err = try_format({"name": "x"}, options=("--map", str(tmp_path)))
    assert code == 1
    assert "no mark of a format" in err
    assert try_format({"name": "x"}, options=("--map", str(tmp_path), "--format", "other"))[0] == 0


def test_programs_get_json(try_format):
    """The fields that docs/json.md promises."""
    code, out, _ = try_format(vigil(), ended(), options=("--map", str(VIGIL), "--json"))
    assert code == 0
    told = json.loads(out)
    assert told["pairings"] == [
        {"end": 2, "ends": [1], "because": "its fingerprint is that of alert 1, and its end is not before that began"}
    ]
    assert told["alerts"][0]["given"][0] == {"field": "title", "expression": "check.name", "value": "Login fails"}


@pytest.mark.parametrize(
    ("payload", "options", "code", "words"),
    [
        (vigil(check={}), ("--map", str(VIGIL)), 1, "title: is required, and 'check.name' gives none"),
        ({"results": 5}, ("--map", str(VIGIL)), 1, "0.json: The alert is not of the format vigil: alerts: must be"),
        (vigil(), ("--map", "gone.yaml"), 2, "the file gone.yaml cannot be read (No such file"),
        (vigil(), ("--map", "0.json"), 2, "0.json, line 1: origin: there is no such field"),
        (vigil(), ("--map", str(VIGIL), "gone.json"), 1, "gone.json cannot be read: No such file"),
        ({"x": 1}, (), 1, "0.json: The payload bears no mark of a format"),
    ],
)
def test_what_cannot_be_tried_is_said_in_a_sentence(try_format, payload, options, code, words):
    """Neither a payload nor a map that cannot be read ends in a traceback; the field is named."""
    found, _, err = try_format(payload, options=options)
    assert found == code
    assert words in err
    assert "Traceback" not in err


def test_a_payload_that_is_no_json_is_refused(try_format):
    """As the intake would."""
    code, _, err = try_format(options=("--map", str(VIGIL)), stdin=b"{x")
    assert code == 1
    assert "standard input: " in err
