"""`tocsin time`: correct when something happened."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import typer

from worker.cli.incident_acts import Acting, IncidentActOptions, Words, incident_act_options, joined, run_act
from worker.cli.moments import WAYS, read_moment
from worker.cli.shared_options import with_options_of
from worker.domain.response.act import ActKind
from worker.domain.response.state import ResponseState

_TIMES = ("occurred_at", "first_known_at", "mitigated_at", "resolved_at")
_LENGTH = 2


@with_options_of(incident_act_options)
def correct_time(options: IncidentActOptions, words: Words = None) -> None:
    """`time occurred_at 2026-03-02T09:02`; the words behind it say why. The former value stays in the log."""

    def read(rest: Sequence[str]) -> Mapping[str, Any]:
        if len(rest) < _LENGTH:
            raise typer.BadParameter(f"say which time ({', '.join(_TIMES)}), and when that was: {WAYS}")
        time, when, *reason = rest
        try:
            value = read_moment(when, datetime.now(UTC))
        except ValueError as error:
            raise typer.BadParameter(str(error)) from None
        return {"time": _in_full(time), "value": value, "text": joined(options.reason, reason)}

    states = frozenset(ResponseState)
    run_act(Acting(ActKind.TIME, read, needed=_LENGTH, states=states), words, options)


def _in_full(word: str) -> str:
    name = word.lower().replace("-", "_")
    return name if name.endswith("_at") else f"{name}_at"
