"""What is recorded of what effects came to."""

import hashlib
import re
from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import BaseModel

from worker.domain.checkpoint import Checkpoint
from worker.domain.response.act import Act, ActKind
from worker.domain.response.actor import CLOCK, Source
from worker.domain.states import StepState

Result = TypeVar("Result", bound=BaseModel)

_AS_AN_ID = re.compile(r"[!-~]{1,150}")


def result_of(made: Mapping[str, Checkpoint], name: str, kind: type[Result]) -> Result | None:
    """None where the step is not done."""
    checkpoint = made.get(name)
    if checkpoint is None or checkpoint.state is not StepState.DONE or checkpoint.result is None:
        return None
    return kind.model_validate_json(checkpoint.result)


def outcome(name: str, text: str, **data: Any) -> Act:
    """`name` tells it from every other one of the incident: of one name it is recorded once."""
    own = name if _AS_AN_ID.fullmatch(name) else hashlib.sha256(name.encode()).hexdigest()
    return Act(act=ActKind.OUTCOME, id=f"outcome:{own}", actor=CLOCK, source=Source.CLOCK, text=text, data=data)
