"""How a person is paged is read as people write it, and what is not understood is named."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.domain.event import Severity
from worker.domain.paging_ways import read_paging_ways

WAYS = st.sampled_from(["mention", "chat", "sms", "webhook:pager", "webhook:on-call-2"])


def told(text):
    """The ways of severity 1 to 5."""
    ways = read_paging_ways(text)
    return [ways.for_severity(severity) for severity in Severity]


BOTH = ("mention", "sms")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("mention+sms", [BOTH] * 5),
        ("Mention, SMS", [BOTH] * 5),
        (" mention  sms ", [BOTH] * 5),
        ("1-2=mention+sms, 3-5=mention", [BOTH] * 2 + [("mention",)] * 3),
        ("1 - 2 = mention + sms ; 3-5 = MENTION", [BOTH] * 2 + [("mention",)] * 3),
        ("critical=sms", [("sms",)] + [("mention",)] * 4),
        ("critical-high=sms", [("sms",)] * 2 + [("mention",)] * 3),
        ("2..1=sms", [("sms",)] * 2 + [("mention",)] * 3),
        ("1/4=sms", [("sms",), ("mention",), ("mention",), ("sms",), ("mention",)]),
        ("all=webhook: Pager", [("webhook:pager",)] * 5),
        ("sms+sms+mention", [("sms", "mention")] * 5),
    ],
)
def test_ways_are_read_as_people_write_them(text, expected):
    """Case, blanks and separators do not matter; a severity that is not named is told by a mention."""
    assert told(text) == expected


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "names no way"),
        (" , ;", "names no way"),
        ("pigeon", "'pigeon' is no way"),
        ("webhook", "'webhook' is no way"),
        ("webhook:" + "x" * 33, "is no way"),
        ("webhook:päger", "is no way"),
        ("6=sms", "'6' is no severity"),
        ("0-2=sms", "'0' is no severity"),
        ("urgent=sms", "'urgent' is no severity"),
        ("=sms", "names no severity"),
        ("1=", "is given no way"),
        ("1-2=sms, 2=chat", "severity 2 is named twice"),
        ("1-2=sms, chat", "'chat' stands beside entries with severities"),
        ("1=sms=chat", "is no way"),
        ("sms " * 300, "is longer than 1000"),
    ],
)
def test_what_is_not_understood_is_named(text, words):
    """One sentence says which word it is, so that a row or a setting can be mended."""
    with pytest.raises(ValueError, match=words):
        read_paging_ways(text)


@given(st.text(max_size=80) | st.text("12345-=,;+ .mentiosch:ab\n", max_size=80))
def test_whatever_is_typed_is_understood_or_refused(text):
    """Never anything but a ValueError; and what is understood leaves no severity without a way."""
    with suppress(ValueError):
        assert all(told(text))


@given(st.dictionaries(st.sampled_from(Severity), st.lists(WAYS, min_size=1, max_size=4, unique=True), min_size=1))
def test_what_is_written_for_each_severity_is_what_is_read(chosen):
    """Every severity has its own ways in their order, and those that are not named have the mention."""
    text = ", ".join(f"{severity.value}={'+'.join(ways)}" for severity, ways in chosen.items())
    assert told(text) == [tuple(chosen.get(severity, ["mention"])) for severity in Severity]


@given(st.sampled_from(Severity), st.sampled_from(Severity), st.lists(WAYS, min_size=1, max_size=3, unique=True))
def test_a_range_is_all_between_its_ends(first, last, ways):
    """By numbers or names, whichever end stands first."""
    low, high = sorted((first, last))
    expected = [tuple(ways) if low <= severity <= high else ("mention",) for severity in Severity]
    assert told(f"{first.value}-{last.label}={'+'.join(ways)}") == expected
