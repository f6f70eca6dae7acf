"""What an expression gives becomes what a field can hold, or nothing."""

import pytest
from hypothesis import given as for_any
from mutations import JSON

from worker.alerts.mapping.json_values import addresses, canonical, pairs, text, word, words


@pytest.mark.parametrize(
    ("value", "read"),
    [("a\n b ", "a b"), (7, "7"), (0, "0"), (1.5, "1.5"), (True, "true"), (None, ""), ([], ""), ({"a": 1}, "")],
)
def test_a_word_is_a_single_value(value, read):
    """A list or an object is no word."""
    assert word(value) == read


@pytest.mark.parametrize(
    ("value", "read"),
    [
        ("a\nb", "a\nb"),
        ({"free": 3, "mount": "/var"}, "free: 3\nmount: /var"),
        (["a", {"b": 1}, None], "a\nb: 1"),
        (5, "5"),
        (10**5000, ""),
        ({"a": 10**5000}, ""),
    ],
    ids=["text", "object", "list", "number", "huge number", "object of a huge number"],
)
def test_a_text_is_what_people_can_read(value, read):
    """An object is told line by line, a list part by part."""
    assert text(value) == read


@pytest.mark.parametrize(
    ("value", "read"),
    [
        ({"env": "prod", "tier": 1, "list": []}, [("env", "prod"), ("tier", "1"), ("list", "")]),
        (["env:prod", "url=http://x:1", "bare"], [("env", "prod"), ("url", "http://x:1"), ("bare", "")]),
        ([{"name": "env", "value": "prod"}, {"key": "k", "value": 2}, 7], [("env", "prod"), ("k", "2")]),
        ("env:prod", []),
    ],
)
def test_labels_are_read_in_the_shapes_that_tools_have(value, read):
    """An object, tags with a sign between, and objects with a name and a value."""
    assert list(pairs(value)) == read


@pytest.mark.parametrize(
    ("value", "read"),
    [
        ("https://a", [("https://a", "Source")]),
        (["https://a", {"url": "https://b", "title": "B"}], [("https://a", "Source"), ("https://b", "B")]),
        ({"href": "https://c"}, [("https://c", "Source")]),
        (None, [("", "Source")]),
    ],
)
def test_addresses_are_read_in_the_shapes_that_tools_have(value, read):
    """What each says is its own text, else that of the map."""
    assert list(addresses(value, "Source")) == read


def test_an_identity_knows_no_order():
    """Equal values in another order are equal, and different ones are not."""
    assert canonical({"a": 1, "b": 2}) == canonical({"b": 2, "a": 1}) != canonical({"a": 1, "b": 3})
    assert canonical(["x", "y"]) == canonical(["y", "x"]) != canonical(["x"])
    assert canonical(0) == "0"
    assert {canonical(each) for each in (None, "", [], {})} == {""}


@for_any(value=JSON)
def test_any_value_is_read(value):
    """No JSON brings a reader down."""
    assert isinstance(word(value) + text(value) + canonical(value), str)
    assert all(words(value))
    assert all(len(pair) == 2 for pair in (*pairs(value), *addresses(value, "")))
