"""YAML is read as it is written, with the line of everything in it."""

from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from worker.oncall.files.document import Fault, Unreadable
from worker.oncall.files.yaml_document import read_yaml


@pytest.mark.parametrize(
    "text", ["on", "no", "007", "1e3", "2026-11-29", "1_000", "0x10", "09:00", "18:00", "'~'", "''"]
)
def test_a_word_is_the_text_that_stands_there(text):
    """No hour becomes a number, and nobody's `no` becomes false."""
    assert read_yaml(f"word: {text}").value == {"word": text.strip("'")}


@pytest.mark.parametrize("text", ["null", "~", "", "NULL"])
def test_what_says_nothing_is_none(text):
    assert read_yaml(f"word: {text}\nlist: [a, {text or '~'}]\n").value == {"word": None, "list": ["a", None]}


def test_each_value_knows_its_line():
    document = read_yaml("a: 1\nb:\n  c: [x,\n    y]\nd: {e: 2}\n")
    assert [document.line(path) for path in ((), ("a",), ("b", "c"), ("b", "c", 1), ("d", "none"))] == [1, 1, 3, 4, 5]


def test_every_name_that_stands_twice_is_told():
    """With the line of the second; the rest is read none the less."""
    document = read_yaml("a: 1\na: 2\nb:\n  c: 1\n  c: 2\n")
    faults = [Fault(("a",), "stands here for the second time"), Fault(("b", "c"), "stands here for the second time")]
    assert list(document.tell(document.faults)) == [
        f"line {line}, {name}: {fault.message}" for line, name, fault in zip((2, 5), ("a", "b.c"), faults, strict=True)
    ]


def test_what_stands_elsewhere_can_be_referred_to():
    assert read_yaml("team: &team [a, b]\nx: {people: *team}\n").value["x"] == {"people": ["a", "b"]}


# A million values in seven lines.
REFERENCES = "a: &a [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]\n" + "".join(
    f"{name}: &{name} [{', '.join([f'*{before}'] * 10)}]\n" for before, name in zip("abcde", "bcdef", strict=True)
)


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("a: x: y", 1, "mapping values are not allowed"),
        ("a: 1\nb: @", 2, "stands in quotes"),
        ("a: *nothing", 1, "refers to nothing"),
        ("a: &a [*a]", 1, "refers to nothing"),
        ("a: \x07", 1, "a character that is not allowed there"),
        ("? [a, b]\n: c", 1, "a name must be a word"),
        ("a: 1\n---\nb: 2", 2, "a second document"),
        ("[" * 500_000, 1, "nested too deep"),
        ("- " * 500_000, 1, "nested too deep"),
        ("{a: " * 100_000, 1, "nested too deep"),
        ("? " * 100_000, 1, "a name must be a word"),
        (REFERENCES, 6, "values, references included"),
    ],
)
def test_what_cannot_be_read_is_told_with_its_line(text, line, words):
    """Neither depth nor references bring the reading down."""
    with pytest.raises(Unreadable, match=words) as refusal:
        read_yaml(text)
    assert refusal.value.line == line


@given(text=st.text(alphabet="ab:- \n[]{},&*#!'\"|>?%@0", max_size=60))
@settings(max_examples=50)
def test_no_text_brings_the_reading_down(text):
    with suppress(Unreadable):
        read_yaml(text)
