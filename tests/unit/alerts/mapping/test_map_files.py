"""The files of a house's maps: each is read, and all faults are told together, with file, line and field."""

from contextlib import suppress

import pytest
import yaml
from house_maps import FOLDER, VIGIL, written
from hypothesis import given, settings
from hypothesis import strategies as st
from mutations import JSON, altered, paths

from worker.alerts.mapping.map_files import BadMaps, read_formats
from worker.alerts.mapping.yaml_document import read_documents

MAP = "name: acme\ntitle: summary\n"
[WHOLE] = read_documents(VIGIL.read_text())
PLACES = list(paths(WHOLE.value))


def refusal_of(path):
    with pytest.raises(BadMaps) as refusal:
        read_formats(path)
    return str(refusal.value)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("title: summary\n", "line 1: name: is required"),
        ("name: acme\n", "line 1: title: is required"),
        ("name: Acme Corp\ntitle: x\n", "line 1: name: must have 1 to 32 of a-z, 0-9 and -"),
        (f"name: {'a' * 33}\ntitle: x\n", "line 1: name: must have"),
        ("title: x\nname: grafana\n", "line 2: name: grafana is a format that is built in; choose another name"),
        ("name: cloudevents\ntitle: x\n", "line 1: name: cloudevents is a format that is built in"),
        ("name: acme\ntitle:\n", "line 2: title: must not be empty"),
        ("name: acme\ntitle: a b\n", "line 2: title: 'a b' is no JMESPath expression"),
        ("name: acme\ntitle: [x]\n", "line 2: title: must be a JMESPath expression in quotes"),
        (f"{MAP}titel: x\n", "line 3: titel: there is no such field; did you mean title?"),
        (f"{MAP}resolved-at: x\n", "line 3: resolved-at: there is no such field; did you mean resolved_at?"),
        (f"{MAP}wibble: x\n", "line 3: wibble: there is no such field, but name, mark, alerts"),
        (f"{MAP}severities:\n  p1: worst\n", "line 4: severities.p1: must be 1 to 5, or critical, high"),
        (f"{MAP}severities: {{p1: 0}}\n", "line 3: severities.p1: must be 1 to 5"),
        (f"{MAP}fingerprint: [id, 'a[']\n", "line 3: fingerprint.1: 'a[' is no JMESPath expression"),
        (f"{MAP}links:\n  Check: b b\n", "links: 'b b' is no JMESPath expression"),
        (f"{MAP}common: {{a b: c}}\n", "must be a word of letters, digits and _"),
        (f"{MAP}detection_source: {{constant: rumour}}\n", "line 3: detection_source: must be one of customer-report"),
        (f"{MAP}state: status\n", "line 1: fingerprint: is required, since state tells what ends"),
        (f"{MAP}fingerprint: id\nstate: {{resolved: ok}}\n", "line 4: state.from: is required"),
        (
            f"{MAP}fingerprint: id\nstate: {{from: s, resolvd: ok}}\n",
            "line 4: state.resolvd: there is no such field; did you mean resolved?",
        ),
        (
            f"{MAP}fingerprint: id\nstate: {{from: s, firing: [a, OK], resolved: ok}}\n",
            "line 4: state: each word stands for one state; not so: ok",
        ),
        (f"{MAP}fingerprint: id\nstate: {{from: s, otherwise: over}}\n", "line 4: state.otherwise: "),
        ("- name: acme\n", "line 1: must be names with a value each"),
        ("acme", "line 1: must be names with a value each"),
        ("", "line 1: it is empty"),
        ("name: acme\nname: acme\n", "line 2: name stands here for the second time"),
        (f"{MAP}---\n{MAP}", "acme stands in maps.yaml, line 1 and in maps.yaml, line 4"),
    ],
)
def test_a_fault_is_told_with_its_file_line_and_field(tmp_path, text, fault):
    """Whoever wrote the file finds the place, and reads what can stand there."""
    assert fault in refusal_of(written(tmp_path, text))


def test_all_faults_of_all_files_are_told_together(tmp_path):
    """One start is enough to find what is wrong, in the order of the files and of their lines."""
    written(tmp_path, "name: A\ntitle: a b\nlabel: x\n", "a.yaml")
    written(tmp_path, f"{MAP}---\nname: b\n", "b.yml")
    told = refusal_of(tmp_path)
    places = [told.index(place) for place in ("a.yaml, line 1", "a.yaml, line 2", "a.yaml, line 3", "b.yml, line 4")]
    assert places == sorted(places)


def test_a_directory_is_read_as_a_platform_mounts_it(tmp_path):
    """Files that begin with a dot, and those that are no YAML, are passed over; the rest is told with its place."""
    written(tmp_path, MAP, "b.yaml")
    written(tmp_path, "name: early\ntitle: x\n---\ntitle: x\nname: late\n", "a.yml")
    written(tmp_path, "no map", "README.md")
    (tmp_path / "..data").mkdir()
    written(tmp_path, "no map", "..hidden.yaml")
    read = {each.format.name: each.place for each in read_formats(tmp_path)}
    assert read == {"early": "a.yml, line 1", "late": "a.yml, line 5", "acme": "b.yaml, line 1"}


@pytest.mark.parametrize(("content", "words"), [(b"name: \xff", "it is not UTF-8"), (b"#" * 1_000_001, "a megabyte")])
def test_a_file_that_is_none_is_refused(tmp_path, content, words):
    """What is no text, or larger than any map, is named."""
    (tmp_path / "a.yaml").write_bytes(content)
    assert words in refusal_of(tmp_path / "a.yaml")


def test_what_is_not_there_is_refused_by_its_path(tmp_path):
    """A mount that is missing or empty is told as what it is."""
    assert f"the file {tmp_path / 'gone.yaml'} cannot be read (No such file" in refusal_of(tmp_path / "gone.yaml")
    assert f"the directory {tmp_path} has no file" in refusal_of(tmp_path)


def test_the_map_of_the_documentation_is_read():
    """What people copy works."""
    [house] = read_formats(FOLDER / "vigil.yaml")
    assert (house.format.name, house.place) == ("vigil", "vigil.yaml, line 1")
    assert house.format.mark.looked_for == "origin == 'vigil'"


@settings(max_examples=30)
@given(place=st.sampled_from(PLACES), value=JSON.filter(lambda value: value is not None))
def test_no_map_brings_the_start_down(tmp_path_factory, place, value):
    """With anything in the place of any value a map is read, or refused with a sentence."""
    path = written(tmp_path_factory.mktemp("maps"), yaml.safe_dump(altered(WHOLE.value, *place, value=value)))
    with suppress(BadMaps):
        assert read_formats(path)
