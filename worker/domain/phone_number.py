"""A telephone number: read as people write it into the form that every network knows (E.164), and shown in part."""

import re

_SEPARATORS = re.compile(r"[\s./()\u2010-\u2015-]+")
# The national prefix, which is not dialled from abroad: +49 (0)30 is +4930.
_NATIONAL_PREFIX = "(0)"
# Country code and subscriber have at most 15 digits; fewer than 7 are nobody's number with a country code before it.
_SHOWN = 7
_E164 = re.compile(r"\+[1-9][0-9]{6,14}")


def read_phone_number(text: str) -> str:
    """`+49301234567` from `+49 (0)30 123-45 67` or `0049 30 1234567`; raises ValueError, without the number."""
    international = text.strip().startswith(("+", "00"))
    without_prefix = text.replace(_NATIONAL_PREFIX, "", 1) if international else text
    digits = re.sub(r"^00", "+", _SEPARATORS.sub("", without_prefix))
    if not _E164.fullmatch(digits):
        raise ValueError("is no telephone number with its country code, such as +49 30 1234567")
    return digits


def masked(number: str) -> str:
    """`+15005550101` is +1500…01: enough to know which of one's own it is, not enough to call it."""
    return f"{number[:5]}…{number[-2:]}" if len(number) > _SHOWN else "…"


def without(number: str, text: str) -> str:
    """The text of somebody else, who may have repeated the number in it."""
    return text.replace(number, masked(number)).replace(number.removeprefix("+"), masked(number)) if number else text
