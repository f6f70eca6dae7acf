"""The severity that a monitoring system's word stands for: what its format says, which settings can change."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from pkgutil import iter_modules

from worker.domain.event import Severity

# Understood in every format: the names and numbers of our own.
_OURS = {name: severity for severity in Severity for name in (severity.label, str(severity.value))}
# These two in more than one.
PROMETHEUS_WORDS = {
    "page": Severity.CRITICAL,
    "error": Severity.HIGH,
    "high": Severity.HIGH,
    "warning": Severity.MEDIUM,
    "info": Severity.INFORMATION,
    "none": Severity.INFORMATION,
}
PRIORITIES = {f"p{severity.value}": severity for severity in Severity}
_FORMATS = Path(__file__).with_name("formats")


@dataclass(frozen=True, slots=True)
class Severities:
    """What settings say that words mean, by format (none: in every format) and word."""

    chosen: Mapping[tuple[str, str], Severity] = field(default_factory=dict)

    @classmethod
    def read(cls, text: str) -> "Severities":
        """From `grafana.page=1,warning=2`; raises ValueError with a sentence that names every fault."""
        entries = [entry.strip() for entry in text.split(",") if entry.strip()]
        if faults := [f"{entry}: {fault}" for entry in entries if (fault := _fault(entry))]:
            raise ValueError("; ".join(faults))
        return cls({(format_name, word): Severity(int(number)) for format_name, word, number in map(_parts, entries)})

    def find(self, format_name: str, word: str) -> Severity | None:
        return self.chosen.get((format_name, word)) or self.chosen.get(("", word))


# Nothing is chosen: what words mean where no setting says otherwise.
UNCHANGED = Severities()


@dataclass(frozen=True, slots=True)
class SeverityWords:
    """What words mean in one format: what settings say, else what the format itself does, else our own."""

    format_name: str
    words: Mapping[str, Severity]
    severities: Severities

    def of(self, *words: str | None) -> Severity:
        """That of the first word that means anything; medium where none does, so that nobody sleeps through it."""
        found = map(self.find, words)
        return next((severity for severity in found if severity), Severity.MEDIUM)

    def read(self, word: str) -> Severity:
        """What a person typed; raises ValueError, whose sentence names the words that mean something."""
        if (severity := self.find(word)) is None:
            raise ValueError(self.choice)
        return severity

    @property
    def choice(self) -> str:
        chosen = (word for format_name, word in self.severities.chosen if format_name in ("", self.format_name))
        words = dict.fromkeys([*(severity.label for severity in Severity), *chosen, *self.words])
        return f"must be 1 (critical) to 5 (information), or one of the words {', '.join(words)}"

    def find(self, word: str | None) -> Severity | None:
        known = _known(word or "")
        return self.severities.find(self.format_name, known) or self.words.get(known) or _OURS.get(known)


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
    if format_name and format_name not in _format_names():
        return f"there is no such format; there are {', '.join(_format_names())}"
    return None


def _format_names() -> list[str]:
    """By their files: whoever reads the settings, as every command does, need not import a parser for it."""
    return [module.name.replace("_", "-") for module in iter_modules([str(_FORMATS)])]
