"""The severity that a monitoring system's word stands for: what its format says, which settings can change."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from pkgutil import iter_modules

from worker.domain.event import Severity
from worker.domain.measured_labels import SERVICE_LABELS

# What monitoring systems, clouds and service desks say, understood in every format. A format's own table stands before
# it, where a word means something else there.
_COMMON = {
    Severity.CRITICAL: "critical crit fatal emergency emerg alert panic page disaster blocker urgent highest",
    Severity.HIGH: "high error err major severe serious important",
    Severity.MEDIUM: "medium med moderate average normal warning warn",
    Severity.LOW: "low minor notice lowest",
    Severity.INFORMATION: "information informational info none trivial verbose debug trace ok",
}
_OURS = {word: severity for severity, words in _COMMON.items() for word in words.split()}
# `Sev 1` is Azure's, which begins at zero; every other scale with a number begins at one, some at a zero that is worse.
_SCALED = re.compile(r"(sev|severity|priority|prio|level|p|s)?[ :._-]*([0-9])(?: *[-:(] *[a-z ]{1,30}\)?)?")
_LONGEST = 40
_FORMATS = Path(__file__).with_name("formats")


@dataclass(frozen=True, slots=True)
class Severities:
    """What settings say that words mean, by format (none: in every format) and word."""

    chosen: Mapping[tuple[str, str], Severity] = field(default_factory=dict)

    @classmethod
    def read(cls, text: str, house: Sequence[str] = ()) -> "Severities":
        """From `grafana.page=1,warning=2`; raises ValueError with a sentence that names every fault.

        `house`: the names of formats beside those that are built in.
        """
        entries = [entry.strip() for entry in text.split(",") if entry.strip()]
        if faults := [f"{entry}: {fault}" for entry in entries if (fault := _fault(entry, house))]:
            raise ValueError("; ".join(faults))
        return cls({(format_name, word): Severity(int(number)) for format_name, word, number in map(_parts, entries)})

    def find(self, format_name: str, word: str) -> Severity | None:
        return self.chosen.get((format_name, word)) or self.chosen.get(("", word))


# Nothing is chosen: what words mean where no setting says otherwise.
UNCHANGED = Severities()


@dataclass(frozen=True, slots=True)
class ReadSeverity:
    """`unread`: the sender's word where none that it said means anything here, and the severity is only assumed."""

    severity: Severity
    unread: str = ""

    @property
    def doubted(self) -> "ReadSeverity":
        """Of what rests on no measurement, which is not as urgent as what was measured."""
        return replace(self, severity=max(self.severity, Severity.MEDIUM))


@dataclass(frozen=True, slots=True)
class SeverityWords:
    """What words mean in one format: what settings say, else what the format itself does, else our own.

    `service_labels`: which labels name the service, where a format has labels.
    """

    format_name: str
    words: Mapping[str, Severity]
    severities: Severities
    service_labels: Sequence[str] = SERVICE_LABELS

    def of(self, *words: str | None) -> Severity:
        """That of the first word that means anything; medium where none does, so that nobody sleeps through it."""
        return self.said(*words).severity

    def said(self, *words: str | None) -> ReadSeverity:
        """As `of`, and what was said where nobody here knows it."""
        found = next(filter(None, map(self.find, words)), None)
        if found is not None:
            return ReadSeverity(found)
        return ReadSeverity(Severity.MEDIUM, next((word.strip() for word in words if word and word.strip()), ""))

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
        return self.severities.find(self.format_name, known) or self.words.get(known) or _common(known)


def _common(known: str) -> Severity | None:
    return _OURS.get(known) or _scaled(known)


def _scaled(known: str) -> Severity | None:
    """As `sev1`, `P2`, `priority: 3` or a service desk's `2 - High`."""
    read = _SCALED.fullmatch(known[:_LONGEST])
    if read is None or len(known) > _LONGEST:
        return None
    scale, number = read[1], int(read[2])
    if scale == "sev":
        return Severity(min(number + 1, Severity.INFORMATION)) if number <= Severity.INFORMATION else None
    if number == 0:  # worse than the worst, where there is a scale; a number alone is ours, and begins at one
        return Severity.CRITICAL if scale else None
    return Severity(number) if number <= Severity.INFORMATION else None


def _known(word: str) -> str:
    return word.strip().lower()


def _parts(entry: str) -> tuple[str, str, str]:
    name, _, number = entry.rpartition("=")
    format_name, _, word = name.rpartition(".")
    return _known(format_name), _known(word), number.strip()


def _fault(entry: str, house: Sequence[str]) -> str | None:
    format_name, word, number = _parts(entry)
    if not word:
        return "each entry is word=number or format.word=number"
    if number not in {str(severity.value) for severity in Severity}:
        return f"{number or 'nothing'} is no severity, which is 1 (critical) to 5 (information)"
    if format_name and format_name not in (known := [*_format_names(), *house]):
        return f"there is no such format; there are {', '.join(known)}"
    return None


def _format_names() -> list[str]:
    """By their files: whoever reads the settings, as every command does, need not import a parser for it."""
    return [module.name.replace("_", "-") for module in iter_modules([str(_FORMATS)])]
