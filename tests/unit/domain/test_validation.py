"""What is wrong with a value, told by its field."""

import ast
from pathlib import Path
from typing import Annotated

import pytest
from pydantic import TypeAdapter, ValidationError

from worker.domain.event import Event
from worker.domain.validation import Matching, faults, field_faults

ROOT = Path(__file__).parents[3]


def test_faults_are_bounded_and_without_values():
    """A hostile body is answered with ten short faults at most, and none repeats what it sent."""
    labels = {f"{'k' * 5_000}{number}": {"secret": "hunter2"} for number in range(50)}
    with pytest.raises(ValidationError) as refusal:
        Event.model_validate({"title": "x", "labels": labels})
    faults = field_faults(refusal.value)
    assert len(faults) == 10
    assert all(len(fault.field) <= 256 for fault in faults)
    assert "hunter2" not in str(faults)


def test_what_does_not_match_is_told_in_its_own_sentence():
    """The whole of it has to match, and the schema says the pattern."""
    adapter = TypeAdapter(Annotated[str, Matching("^[a-z]+$", "is written in small letters")])
    assert adapter.validate_python("abc") == "abc"
    assert adapter.json_schema() == {"type": "string", "pattern": "^[a-z]+$"}
    for wrong in ("", "A", "abc\n"):
        with pytest.raises(ValidationError) as refusal:
            adapter.validate_python(wrong)
        assert [fault.message for fault in field_faults(refusal.value)] == ["is written in small letters"]


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"links": [{"href": "ftp://x.example"}]}, "links.0.href: must be an http or https address"),
        ({"remainder": "x"}, "remainder: is no place where a part of an event is kept; only the intake writes it"),
    ],
)
def test_a_field_is_told_what_it_should_be(given, sentence):
    """Nothing but an address of the web is told to be one."""
    with pytest.raises(ValidationError) as refusal:
        Event.model_validate({"title": "x", **given})
    assert faults(refusal.value) == sentence


def test_no_pattern_lacks_a_sentence():
    """A bare pattern's fault would be told by its regular expression, or as that of another field."""
    calls = [
        f"{path.relative_to(ROOT)}:{call.lineno}"
        for folder in ("worker", "handlers")
        for path in (ROOT / folder).rglob("*.py")
        if "pattern=" in (source := path.read_text(encoding="utf-8"))
        for call in ast.walk(ast.parse(source))
        if isinstance(call, ast.Call) and any(each.arg == "pattern" for each in call.keywords)
    ]
    assert calls == []
