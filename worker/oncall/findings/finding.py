"""What one of the kinds found: a thing that would leave somebody untold, or one that is worth knowing."""

from enum import StrEnum

from pydantic import BaseModel


class Severity(StrEnum):
    NOTE = "note"
    FAULT = "fault"  # somebody who should be called would not be


class Finding(BaseModel, frozen=True):
    """`kind` is a stable name. `thing` is what it is about, such as `schedule:checkout`, or `layer:checkout/week`.

    `what` and `why` are sentences; `remedy` says what to do, with the command to type.
    """

    kind: str
    severity: Severity
    thing: str
    what: str
    why: str
    remedy: str


def fault(kind: str, thing: str, what: str, *, why: str, remedy: str) -> Finding:
    return Finding(kind=kind, severity=Severity.FAULT, thing=thing, what=what, why=why, remedy=remedy)


def note(kind: str, thing: str, what: str, *, why: str, remedy: str) -> Finding:
    return Finding(kind=kind, severity=Severity.NOTE, thing=thing, what=what, why=why, remedy=remedy)
