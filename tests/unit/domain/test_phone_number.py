"""A number is shown in part."""

import pytest

from worker.domain.phone_number import masked, without


@pytest.mark.parametrize(("number", "shown"), [("+15005550101", "+1500…01"), ("+1500", "…"), ("", "…")])
def test_a_number_is_recognised_and_not_called(number, shown):
    """The first five and the last two stay, and nothing of a short one."""
    assert masked(number) == shown


def test_a_number_in_foreign_words_is_hidden():
    """However often, and without its plus as well."""
    assert without("+15005550101", "+15005550101 is bad (15005550101)") == "+1500…01 is bad (+1500…01)"
