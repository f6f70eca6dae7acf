"""YAML is read as it is written, with the line of everything in it."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.alerts.mapping.yaml_document import Unreadable, read_documents


@pytest.mark.parametrize("text", ["on", "no", "007", "1e3", "2026-11-29", "~", "null", "1_000", "0x10", "12:30"])
def test_a_word_is_the_text_that_stands_there(text):
    """Nobody's `on` becomes true, and no number loses its zeros."""
    [document] = read_documents(f"word: {text}\nlist: [{text}]\n{text!r}: x\n")
    assert document.value == {"word": text, "list": [text], text: "x"}


def test_each_value_knows_its_line():
    """A fault is told where it stands, in the second document of a file as well."""
    first, second = read_documents("a: 1\nb:\n  c: [x,\n    y]\n---\nd: {e: 2}\n")
    assert [first.line(path) for path in ((), ("a",), ("b", "c"), ("b", "c", 1))] == [1, 1, 3, 4]
    assert second.line(("d", "e")) == second.line(("d", "nothing", "there")) == 6


# Nine of nine of nine: sixty thousand values in six lines.
REFERENCES = "a: &a [1, 1, 1, 1, 1, 1, 1, 1, 1]\n" + "".join(
    f"{name}: &{name} [{', '.join([f'*{before}'] * 9)}]\n" for before, name in zip("abcd", "bcde", strict=True)
)


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("a: x: y", 1, "mapping values are not allowed"),
        ("a: 1\nb: @", 2, "stands in quotes"),
        ("a: 1\nb: [x", 2, "no YAML"),
        ("a: *nothing", 1, "no YAML"),
        ("a: 1\nb: 2\na: 3", 3, "a stands here for the second time"),
        ("a: \x07", 1, "a character is not allowed there"),
        ("? [a, b]\n: c", 1, "a name must be a word"),
        ("a: &a [*a]", 1, "nested too deep"),
        ("a: " + "[" * 30 + "]" * 30, 1, "nested too deep"),
        ("[" * 1_200, 1, "no YAML"),
        (REFERENCES, 1, "more than 10,000 values"),
    ],
)
def test_what_cannot_be_read_is_told_with_its_line(text, line, words):
    """A slip in a file is a sentence with a place, and no traceback."""
    with pytest.raises(Unreadable, match=r".") as refusal:
        read_documents(text)
    assert refusal.value.line == line
    assert words in refusal.value.message


@given(text=st.text(alphabet="ab:- \n[]{},&*#!'\"|>?%@0", max_size=60))
def test_no_text_brings_the_reading_down(text):
    """Whatever stands in a file is read, or refused with a line."""
    with suppress(Unreadable):
        assert all(document.line(()) >= 1 for document in read_documents(text))
