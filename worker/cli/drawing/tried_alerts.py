"""What alerts become, as a terminal shows it: their facts, what gave each field, and which of them ends which."""

import json
from collections.abc import Mapping

from rich.console import Console
from rich.text import Text

from worker.cli.drawing.hanging_indent import print_hanging
from worker.grouping.explanation import Explanation
from worker.grouping.trial import GivenField, Trial, TriedAlert

_LONGEST = 300
# Told by the explanation already, in its own words.
_TOLD = {"type", "title", "severity", "service", "fingerprint", "source"}


def print_explanation(console: Console, told: Explanation, before: str = "") -> None:
    console.print(Text(f"{before}{told.type.value}: {told.title}", style="bold"))
    _print_facts(
        console,
        {
            "format": told.format,
            "severity": f"{told.severity.value} ({told.severity.label})",
            "service": _with_reason(told.service or "none", told.service_because),
            "affected": told.affected,
            "fingerprint": told.fingerprint,
            "group": told.group or "",
            "so": told.because,
        },
    )


def _with_reason(said: str, because: str) -> str:
    return f"{said} ({because})" if because else said


def print_trial(console: Console, trial: Trial) -> None:
    for alert in trial.alerts:
        _print_alert(console, alert)
    for pairing in trial.pairings:
        ended = ", ".join(map(str, pairing.ends)) or "none"
        console.print(Text(f"Alert {pairing.end} ends {ended}: {pairing.because}."), soft_wrap=True)


def _print_alert(console: Console, alert: TriedAlert) -> None:
    head = f"{alert.number}  {alert.payload}: "
    if alert.explanation is None:
        console.print(Text(f"{head}nothing is done about it: {alert.ignored}", style="bold"), soft_wrap=True)
    else:
        print_explanation(console, alert.explanation, head)
    event = alert.event or {}
    _print_facts(console, {name: _spoken(value) for name, value in event.items() if name not in _TOLD})
    found = [each for each in alert.given if not _is_absent(each)]
    absent = [f"{each.field} ({each.expression})" for each in alert.given if _is_absent(each)]
    for each in found:
        said = Text.assemble((each.expression, "cyan"), f" gives {_spoken(each.value)}")
        print_hanging(console, Text(f"  {each.field:<16} ", style="dim"), said)
    _print_facts(console, {"absent": ", ".join(absent)})


def _print_facts(console: Console, facts: Mapping[str, str]) -> None:
    for name, value in facts.items():
        if value:
            print_hanging(console, Text(f"  {name:<16} ", style="dim"), Text(value))


def _is_absent(given: GivenField) -> bool:
    return given.value in (None, "", [], {})


def _spoken(value: object) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
