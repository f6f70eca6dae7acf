"""A person's phone number, as sentences and logs may say it."""

_SHOWN = 7


def masked(number: str) -> str:
    """`+15005550101` is +1500…01: enough to know which of one's own it is, not enough to call it."""
    return f"{number[:5]}…{number[-2:]}" if len(number) > _SHOWN else "…"


def without(number: str, text: str) -> str:
    """The text of somebody else, who may have repeated the number in it."""
    return text.replace(number, masked(number)).replace(number.removeprefix("+"), masked(number)) if number else text
