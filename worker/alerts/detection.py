"""Which format a payload is of, by the marks that its senders never leave out."""

from collections.abc import Mapping

from worker.alerts.format import Format, recognised
from worker.alerts.formats import FORMATS, native

# Of two that bear one mark, the second is the first with more in it.
_WITH_MORE = {("alertmanager", "grafana")}


def detect(payload: object, formats: Mapping[str, Format] = FORMATS) -> str | None:
    """The name of the format; None for one that bears the mark of none."""
    found = recognised(payload, formats.values())
    return found.name if found else None


def looked_for(formats: Mapping[str, Format] = FORMATS) -> str:
    """A sentence for whoever sent what is of none of them."""
    return f"Looked for the marks of {', '.join(formats)}; `tocsin formats list` says what each is known by."


def meant(named: str, payload: object, formats: Mapping[str, Format] = FORMATS) -> str:
    """The name of the format that a payload is of which was sent as another one, else that as which it was sent.

    Whoever sends a house's own format knows what it is; and a title alone makes no native event of a system's alert.
    """
    if named not in FORMATS:
        return named
    built_in = [each for each in formats.values() if each.name in FORMATS and each.name != native.NAME]
    found = recognised(payload, built_in)
    if found is None or (_bears_its_mark(named, payload) and (named, found.name) not in _WITH_MORE):
        return named
    return found.name


def _bears_its_mark(named: str, payload: object) -> bool:
    return named != native.NAME and FORMATS[named].mark.is_borne_by(payload)
