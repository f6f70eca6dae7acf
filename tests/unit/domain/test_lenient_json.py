"""JSON is read as careless senders write it."""

import pytest

from worker.domain.errors import Undecodable
from worker.domain.lenient_json import read_lenient, read_objects


@pytest.mark.parametrize(
    ("body", "value"),
    [
        (b'{"a": "two\nlines"}', {"a": "two\nlines"}),
        (b'{"a": NaN, "b": -Infinity}', {"a": None, "b": None}),
        (b'{"a": "\\ud83d"}', {"a": "?"}),
        (b'\xef\xbb\xbf{"a": 1}\x00', {"a": 1}),
        ('{"a": "ö"}'.encode("utf-16"), {"a": "ö"}),
    ],
)
def test_what_can_be_mended_is(body, value):
    """Raw line breaks, no numbers, halves of characters, marks and closing zeros."""
    assert read_lenient(body) == value


@pytest.mark.parametrize("text", ['{"a": 1}\n{"a": 2}\r\n', '{"a": 1},{"a": 2}', '\x1e{"a": 1}\n\x1e{"a": 2}\n'])
def test_objects_one_behind_the_other_are_as_many(text):
    """On lines, with commas, or as a text sequence."""
    assert read_objects(text, limit=9) == [{"a": 1}, {"a": 2}]


@pytest.mark.parametrize("text", ["", "1\n2", '{"a": 1}\nand so on', '{"a": 1}\n{"a"', '["a"]\n["b"]'])
def test_whatever_else_stands_there_is_no_row_of_objects(text):
    """Half a row is nothing: what is left out might be the incident."""
    assert read_objects(text, limit=9) == []


def test_no_more_objects_are_read_than_asked_for():
    """A megabyte of empty objects costs no more than so many."""
    assert len(read_objects("{}" * 500_000, limit=20)) == 20


def test_objects_that_are_nested_too_deep_are_refused():
    """One of a row may be hostile."""
    with pytest.raises(Undecodable, match="nested too deep"):
        read_objects('{"a": 1}' + '{"a":' * 30_000 + "1" + "}" * 30_000, limit=9)
