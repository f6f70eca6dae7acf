"""A telephone number is understood as people write it, and shown in part."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.domain.phone_number import masked, read_phone_number, without


@pytest.mark.parametrize(
    "written",
    ["+49301234567", "0049 30 123 45 67", "+49 (0)30 / 123-4567", " +49.30.1234567 ", "+49\u00a030\u20131234567"],
)
def test_a_number_is_read_as_people_write_it(written):
    """Blanks, dashes, slashes, brackets, the leading 00 and the national prefix are no part of it."""
    assert read_phone_number(written) == "+49301234567"


@pytest.mark.parametrize(
    "written", ["", "030 1234567", "491701234567", "+0301234567", "+49", "+4930123456789012", "call +49 30 1234567"]
)
def test_what_is_no_number_is_refused_without_repeating_it(written):
    """Without a country code, too short, too long or with words: nobody guesses whom that would wake."""
    with pytest.raises(ValueError, match="country code") as refusal:
        read_phone_number(written)
    assert str(refusal.value) == "is no telephone number with its country code, such as +49 30 1234567"


@given(st.text(max_size=40))
def test_whatever_is_typed_is_a_number_or_refused(text):
    """Nothing else is answered than a plus and seven to fifteen digits, and reading that again changes nothing."""
    try:
        number = read_phone_number(text)
    except ValueError:
        return
    assert number[0] == "+"
    assert number[1:].isascii()
    assert number[1:].isdigit()
    assert read_phone_number(number) == number


@given(
    st.from_regex(r"[1-9][0-9]{6,14}", fullmatch=True), st.sampled_from([" ", "-", ".", "/", "  "]), st.integers(1, 6)
)
def test_separators_and_the_leading_zeros_do_not_count(digits, separator, place):
    """However a number is spaced, and whether a plus or 00 leads it, it is the same one."""
    spaced = f"{digits[:place]}{separator}{digits[place:]}"
    assert read_phone_number(f"+{spaced}") == read_phone_number(f"00{spaced}") == f"+{digits}"


@pytest.mark.parametrize(("number", "shown"), [("+15005550101", "+1500…01"), ("+1500", "…"), ("", "…")])
def test_a_number_is_recognised_and_not_called(number, shown):
    """The first five and the last two stay, and nothing of a short one."""
    assert masked(number) == shown


def test_a_number_in_foreign_words_is_hidden():
    """However often, and without its plus as well."""
    assert without("+15005550101", "+15005550101 is bad (15005550101)") == "+1500…01 is bad (+1500…01)"
