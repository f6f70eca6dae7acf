"""`tocsin severity`: say how bad it is."""

from collections.abc import Mapping, Sequence
from typing import Any

import typer

from worker.cli.incident_acts import Acting, IncidentActOptions, Words, incident_act_options, joined, run_act
from worker.cli.severity_option import WAYS, read_severity_option
from worker.cli.shared_options import with_options_of
from worker.domain.response.act import ActKind
from worker.settings import Settings


@with_options_of(incident_act_options)
def set_severity(options: IncidentActOptions, words: Words = None) -> None:
    """In doubt the worse one: it can be lowered."""
    severities = Settings.read().severities

    def is_severity(word: str) -> bool:
        try:
            read_severity_option(word, severities)
        except typer.BadParameter:
            return False
        return True

    def read(rest: Sequence[str]) -> Mapping[str, Any]:
        if not rest:
            raise typer.BadParameter(f"say which: {WAYS}")
        severity, *reason = rest
        return {
            "severity": read_severity_option(severity, severities).value,
            "text": joined(options.reason, reason),
        }

    run_act(Acting(ActKind.SEVERITY, read, needed=1, is_word=is_severity), words, options)
