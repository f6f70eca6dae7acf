"""TOML is read by the standard library, and each value has its line."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from worker.oncall.files.document import Unreadable
from worker.oncall.files.toml_document import read_toml

TEXT = '''# a comment with ] and "
[people]
ada = {name = "Ada # no comment", email = 'ada@contoso.com'} # = 3
"cem.b" . email = "x"

[schedules.checkout]
time_zone = "Europe/Berlin"
description = """
[[schedules.nothing]]
a "quoted" \\""" word"""
literal = \'\'\'
[no]\'\'\'\'
[[schedules.checkout.layers]]
name = "week"
starts = 2026-03-02T09:00:00
people = [
  "ada", # first ]
  ["ben", "cem"],
  "",
]
[[schedules.checkout.layers]]
name = "office"
[schedules.checkout.layers.more]
x = 1
'''


def test_each_value_knows_its_line():
    document = read_toml(TEXT)
    layers = ("schedules", "checkout", "layers")
    lines = {
        ("people",): 2,
        ("people", "ada", "email"): 3,
        ("people", "cem.b", "email"): 4,
        ("schedules", "checkout"): 6,
        ("schedules", "checkout", "description"): 8,
        ("schedules", "checkout", "literal"): 11,
        (*layers, 0): 13,
        (*layers, 0, "starts"): 15,
        (*layers, 0, "people", 0): 17,
        (*layers, 0, "people", 1, 1): 18,
        (*layers, 0, "people", 2): 19,
        (*layers, 1, "name"): 22,
        (*layers, 1, "more", "x"): 24,
    }
    assert {path: document.line(path) for path in lines} == lines


def test_lines_count_as_the_file_has_them():
    assert read_toml("a = 1\r\nb = [\r\n1,\r\n2]\r\n").line(("b", 1)) == 4


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("a = 1\na = 2", 2, "overwrite"),
        ("a = 1\nb = ", 2, "no TOML"),
        ("a = 1\nb = [1,", 2, "no TOML"),
        ("a = 2026-13-01", 1, "no TOML"),
        ("a = " + "[" * 100_000, 1, "nested too deep"),
        ("a = " + "[" * 30 + "]" * 30, 1, "nested too deep"),
        ("a\n" + "a." * 1_100 + "a = 1", 2, "dots"),
        ("a = " + "1" * 5_000, 1, "number"),
    ],
)
def test_what_cannot_be_read_is_told_with_its_line(text, line, words):
    with pytest.raises(Unreadable, match=words) as refusal:
        read_toml(text)
    assert refusal.value.line == line


NAMES = st.text(alphabet="ab.\"'# é", min_size=1, max_size=4)
LEAVES = st.one_of(st.integers(-9, 9), st.booleans(), st.text(alphabet="ab\"'#\n]}=\\", max_size=6))
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(NAMES, inner, max_size=3)),
    max_leaves=8,
)


def toml(value):
    if isinstance(value, dict):
        return f"{{{', '.join(map(pair, value.items()))}}}"
    if isinstance(value, list):
        return "[ # ]\n" + "".join(f"{toml(each)},\n" for each in value) + "]"
    return json.dumps(value, ensure_ascii=False)


def pair(item):
    return f"{json.dumps(item[0], ensure_ascii=False)} = {toml(item[1])}"


def paths(value, path=()):
    yield path
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, each in pairs:
        yield from paths(each, (*path, name))


@given(value=st.dictionaries(NAMES, VALUES, max_size=4))
@settings(max_examples=50)
def test_the_lines_are_those_of_all_values_and_no_others(value):
    text = "".join(f"{pair(item)}\n" for item in value.items())
    document = read_toml(text)
    assert document.value == value
    assert document.lines.keys() == set(paths(value))
