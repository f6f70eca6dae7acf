"""How Event Grid asks, in its own schema, whether events are welcome at an address; CloudEvents ask by OPTIONS."""

from collections.abc import Mapping

from pydantic import BaseModel, Field

_VALIDATION = "Microsoft.EventGrid.SubscriptionValidationEvent"
# Theirs is a UUID; what is answered is bounded.
_CODE_LIMIT = 256


class ValidationAnswer(BaseModel, frozen=True):
    validation_response: str = Field(alias="validationResponse", description="The code of Event Grid's question.")


def validation_code(content: object) -> str | None:
    """What is to be said again to whoever asks; None for everything else."""
    match content:
        case [Mapping() as event] | (Mapping() as event):
            data = event.get("data")
            code = data.get("validationCode") if isinstance(data, Mapping) else None
            is_asked = str(event.get("eventType")).casefold() == _VALIDATION.casefold()
            return code[:_CODE_LIMIT] if is_asked and isinstance(code, str) and code else None
        case _:
            return None
