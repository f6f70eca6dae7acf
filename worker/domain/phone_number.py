"""A telephone number as people write it, in the form that every network understands: E.164."""

import re

_SEPARATORS = re.compile(r"[\s./()\u2010-\u2015-]+")
# The national prefix, which is not dialled from abroad: +49 (0)30 is +4930.
_NATIONAL_PREFIX = "(0)"
# Country code and subscriber have at most 15 digits; fewer than 7 are nobody's number with a country code before it.
_E164 = re.compile(r"\+[1-9][0-9]{6,14}")


def read_phone_number(text: str) -> str:
    """`+49301234567` from `+49 (0)30 123-45 67` or `0049 30 1234567`; raises ValueError, without the number."""
    international = text.strip().startswith(("+", "00"))
    without_prefix = text.replace(_NATIONAL_PREFIX, "", 1) if international else text
    digits = re.sub(r"^00", "+", _SEPARATORS.sub("", without_prefix))
    if not _E164.fullmatch(digits):
        raise ValueError("is no telephone number with its country code, such as +49 30 1234567")
    return digits
