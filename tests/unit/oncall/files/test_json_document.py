"""JSON is read as the standard library does, and each value has its line."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from worker.oncall.files.document import Unreadable
from worker.oncall.files.json_document import read_json

LEAVES = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False), st.text())
VALUES = st.recursive(LEAVES, lambda inner: st.one_of(st.lists(inner), st.dictionaries(st.text(), inner)), max_leaves=8)


@given(value=VALUES, indent=st.sampled_from([None, 0, 2, "\t"]))
@settings(max_examples=50)
def test_any_value_is_read(value, indent):
    """Tabs, escapes and halves of pairs among them, which YAML's readers stumble over."""
    assert read_json(f" \r\n{json.dumps(value, indent=indent)}\n").value == value


def test_each_value_knows_its_line():
    document = read_json('{\n "a": [1,\n  {"b": 2}\n ],\n\t"c"\n: "x"}')
    paths = ((), ("a",), ("a", 0), ("a", 1, "b"), ("c",))
    assert [document.line(path) for path in paths] == [1, 2, 2, 3, 5]


def test_every_name_that_stands_twice_is_told():
    document = read_json('{"a": 1,\n"a": 2, "b": {"c": 1,\n"c": 3}}')
    assert [document.line(fault.path) for fault in document.faults] == [2, 3]


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ('{"a": 1,\n}', 2, "a name in double quotes is missing"),
        ("{'a': 1}", 1, "a name in double quotes is missing"),
        ('{"a"\n1}', 2, "a colon is missing"),
        ("[1\n2]", 2, "a comma or ] is missing"),
        ("[1,\n", 2, "expecting value"),
        ('["a\n"]', 1, "invalid control character"),
        ("{} {}", 1, "something stands behind the end"),
        ("[NaN]", 1, "none that can be read"),
        ("[\n" + "1" * 5_000 + "]", 2, "none that can be read"),
        ("[" * 100_000, 1, "nested too deep"),
        ('{"a":' * 100_000, 1, "nested too deep"),
    ],
)
def test_what_cannot_be_read_is_told_with_its_line(text, line, words):
    with pytest.raises(Unreadable, match=words.replace("]", r"\]")) as refusal:
        read_json(text)
    assert refusal.value.line == line


@given(text=st.text(alphabet='ab:-\n[]{},"\\0 e.', max_size=40))
@settings(max_examples=50)
def test_what_is_read_is_what_the_standard_library_reads(text):
    """And what one refuses, the other does."""
    try:
        value = read_json(text).value
    except Unreadable:
        with pytest.raises(json.JSONDecodeError):
            json.loads(text)
        return
    assert value == (json.loads(text) if text.strip() else None)
