"""The severity that a monitoring system's word stands for: one table per format, which settings can change."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from worker.domain.event import Severity

# Understood in every format: the names and numbers of our own.
_OURS = {name: severity for severity in Severity for name in (severity.label, str(severity.value))}
_PROMETHEUS = {"page": 1, "error": 2, "high": 2, "warning": 3, "info": 5, "none": 5}
_PRIORITIES = {f"p{number}": number for number in range(1, 6)}

SEVERITIES: Mapping[str, Mapping[str, int]] = {
    "azure-monitor": {f"sev{number}": number + 1 for number in range(5)},
    "alertmanager": _PROMETHEUS,
    "grafana": _PROMETHEUS,
    "pagerduty": {"error": 2, "warning": 3, "info": 4},
    "cloudevents": _PROMETHEUS | _PRIORITIES,
    "datadog": {"error": 2, "warning": 3, "info": 5} | _PRIORITIES,
    "native": _PROMETHEUS | _PRIORITIES,
}


@dataclass(frozen=True, slots=True)
class Severities:
    """What words mean here, by format (none: in every format) and word; the rest is as in the table."""

    chosen: Mapping[tuple[str, str], Severity] = field(default_factory=dict)

    @classmethod
    def read(cls, text: str) -> "Severities":
        """From `grafana.page=1,warning=2`; raises ValueError with a sentence that names every fault."""
        entries = [entry.strip() for entry in text.split(",") if entry.strip()]
        if faults := [f"{entry}: {fault}" for entry in entries if (fault := _fault(entry))]:
            raise ValueError("; ".join(faults))
        return cls({(format_name, word): Severity(int(number)) for format_name, word, number in map(_parts, entries)})

    def of(self, format_name: str, *words: str | None) -> Severity:
        """That of the first word that means anything; medium where none does, so that nobody sleeps through it."""
        found = (self.find(format_name, word) for word in words)
        return next((severity for severity in found if severity), Severity.MEDIUM)

    def find(self, format_name: str, word: str | None) -> Severity | None:
        known = _known(word or "")
        chosen = self.chosen.get((format_name, known)) or self.chosen.get(("", known))
        number = chosen or SEVERITIES[format_name].get(known) or _OURS.get(known)
        return Severity(number) if number else None


# Nothing is chosen: what words mean where no setting says otherwise.
UNCHANGED = Severities()


def _known(word: str) -> str:
    return word.strip().lower()


def _parts(entry: str) -> tuple[str, str, str]:
    name, _, number = entry.rpartition("=")
    format_name, _, word = name.rpartition(".")
    return _known(format_name), _known(word), number.strip()


def _fault(entry: str) -> str | None:
    format_name, word, number = _parts(entry)
    if not word:
        return "each entry is word=number or format.word=number"
    if number not in {str(severity.value) for severity in Severity}:
        return f"{number or 'nothing'} is no severity, which is 1 (critical) to 5 (information)"
    if format_name and format_name not in SEVERITIES:
        return f"there is no such format; there are {', '.join(SEVERITIES)}"
    return None
