"""Which format a payload is of, by the marks that its senders never leave out."""

from collections.abc import Mapping

from worker.alerts.format import Format, recognised
from worker.alerts.formats import FORMATS, native


def detect(payload: object, formats: Mapping[str, Format] = FORMATS) -> str | None:
    """The name of the format; None for one that bears the mark of none."""
    found = recognised(payload, formats.values())
    return found.name if found else None


def looked_for(formats: Mapping[str, Format] = FORMATS) -> str:
    """A sentence for whoever sent what is of none of them."""
    return f"Looked for the marks of {', '.join(formats)}; `tocsin formats list` says what each is known by."


def meant(named: str, payload: object, formats: Mapping[str, Format] = FORMATS) -> str:
    """The name of the format that a payload is of which was sent as another one, else that as which it was sent.

    A house knows what it sends as one of its own, and nothing is like enough to a native event to be taken for one.
    """
    if named not in FORMATS:
        return named
    built_in = [each for each in formats.values() if each.name in FORMATS and each.name != native.NAME]
    found = recognised(payload, built_in)
    return found.name if found else named
