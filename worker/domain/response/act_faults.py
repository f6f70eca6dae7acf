"""What is wrong with an act that somebody wrote: each fault by the name of its field."""

from pydantic import ValidationError

from worker.domain.response.act import INTERNAL_ACTS, ActKind
from worker.domain.validation import Fault, field_faults

_WHOLE = "body"
_ACT = "act"
_ACTS = [kind.value for kind in ActKind if kind not in {*INTERNAL_ACTS, ActKind.LOOK}]


def act_faults(error: ValidationError) -> list[Fault]:
    """What concerns several fields says in its sentence which one is meant."""
    return [_named(fault) for fault in field_faults(error)]


def _named(fault: Fault) -> Fault:
    if fault.field == _ACT and fault.message.startswith("input should be"):
        return Fault(_ACT, f"must be one of {', '.join(_ACTS)}")
    name, colon, sentence = fault.message.partition(": ")
    return Fault(name, sentence) if fault.field == _WHOLE and colon and name.isidentifier() else fault
