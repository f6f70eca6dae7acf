"""An expression is read once, with every fault named, and brings nothing down on whatever it is asked of."""

from contextlib import suppress

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from mutations import JSON

from worker.alerts.mapping.expression import read_expression, read_value

DATA = {"a": {"b": [1, 2]}, "text": "x", "number": 7, "list": ["y", 3]}
WORKING_HARD = [
    "sort_by(@, &a)",
    "max_by(list, &@)",
    "avg(*)",
    "sum(list)",
    "ceil(to_number(@))",
    "contains(text, number)",
    "contains(@, `5`)",
    "join(', ', list)",
    "to_string(@)",
    "*.*[] | [0]",
    "[?a > b]",
    "merge(@, a)",
    "map(&a.b, @)",
    "keys(@)",
    "length(@)",
    "@ == a || a < b",
]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("foo bar", "it cannot be read at character 5; for words as they stand write {constant: …}"),
        ("a[", "it cannot be read at character 3"),
        ("a.$b", "it cannot be read at character 3"),
        ("lenght(a)", "there is no function lenght(); did you mean length()?"),
        ("now()", "there is no function now()"),
        ("join(a)", "join() takes 2 arguments, and is given 1"),
        ("length(a, b)", "length() takes 1 arguments, and is given 2"),
        ("merge()", "merge() takes at least 1 arguments, and is given 0"),
        ("sort_by(a, b)", "argument 2 of sort_by() needs an &"),
        ("length(&a)", "argument 1 of length() takes no &"),
        ("not_null(a, &b)", "argument 2 of not_null() takes no &"),
        ("[a, &b]", "& stands only before what a function"),
        ("a[?lenght(b)]", "no function lenght()"),
        ("a == `down`", "between ` and ` stands JSON"),
        ("", "must not be empty"),
        ("a" * 2_001, "longer than 2,000 characters"),
        ("[" * 900 + "a" + "]" * 900, "nested too deep"),
        (["a"], "must be a JMESPath expression in quotes"),
        ({"const": "x"}, "must be a JMESPath expression in quotes, or {constant: text}"),
        ({"constant": ["x"]}, "must be a JMESPath expression in quotes"),
    ],
)
def test_what_cannot_be_evaluated_is_refused_at_the_start(text, words):
    """Every fault that does not depend on a payload is found before one comes, and said with its place."""
    with pytest.raises(ValueError, match=r".") as refusal:
        read_value(text)
    assert words in str(refusal.value)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a.b[1]", 2),
        ("nothing || text", "x"),
        ("join('-', [text, to_string(number)])", "x-7"),
        ("length(number)", None),
        ("join(', ', list)", None),
        ("contains(text, number)", None),
        ({"constant": "as it stands"}, "as it stands"),
    ],
)
def test_a_value_of_another_type_is_as_if_it_were_absent(text, value):
    """What a function cannot work with gives nothing, as a field that is not there does."""
    assert read_value(text).find(DATA) == value


@given(text=st.sampled_from(WORKING_HARD), data=JSON)
@example("avg(*)", {"a": 10**400, "b": 1})
@example("ceil(to_number(@))", "1e999")
@example("sum(list)", {"list": [10**4000, 1.5]})
def test_no_payload_brings_an_expression_down(text, data):
    """Whatever it is asked of, an expression gives a value or nothing."""
    read_expression(text).find(data)


@given(text=st.text(alphabet="abc.[]{}()*&|@'`\"!?=<> ,:0", max_size=30))
def test_no_expression_brings_the_start_down(text):
    """Whatever somebody types is an expression, or refused with a sentence; and then it gives a value or nothing."""
    with suppress(ValueError):
        assert read_expression(text).text == text.strip()
        read_expression(text).find(DATA)
