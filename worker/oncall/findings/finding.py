"""What one of the kinds found: a thing that would leave somebody untold, or one that is worth knowing."""

from enum import StrEnum

from pydantic import BaseModel


class Severity(StrEnum):
    NOTE = "note"
    FAULT = "fault"  # somebody who should be called would not be


class Finding(BaseModel, frozen=True):
    """`kind` is a stable name. `about` is the thing, such as `schedule:checkout`, or `layer:checkout/week`.

    `what` and `why` are sentences; `remedy` says what to do, with the command to type.
    """

    kind: str
    severity: Severity
    about: str
    what: str
    why: str
    remedy: str


def fault(kind: str, about: str, what: str, *, why: str, remedy: str) -> Finding:
    return Finding(kind=kind, severity=Severity.FAULT, about=about, what=what, why=why, remedy=remedy)


def note(kind: str, about: str, what: str, *, why: str, remedy: str) -> Finding:
    return Finding(kind=kind, severity=Severity.NOTE, about=about, what=what, why=why, remedy=remedy)
