"""Choose what happens in a run: all that can with so many disturbances, some of it by chance, or what was before."""

import random
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from model_oracle import Violation
from model_run import Run
from scenarios import Scenario

# What is not ordinary in a run: at this choice point, this option.
Choices = Mapping[int, int]
_NONE: Choices = {}


class Prescribed:
    """What was written down happens, and else what ordinarily does."""

    def __init__(self, choices: Choices) -> None:
        self.choices = choices
        self.widths: list[int] = []

    def choose(self, where: str, options: Sequence[str]) -> int:
        chosen = self.choices.get(len(self.widths), 0)
        self.widths.append(len(options))
        return min(chosen, len(options) - 1)


class ByChance:
    """Every so often something happens that ordinarily does not, so many times; the same for the same seed.

    `points`: how many choice points a run has, about: so most disturbances happen, early or late.
    """

    def __init__(self, seed: int, disturbances: int, points: int = 40) -> None:
        self._random = random.Random(seed)
        self._left = disturbances
        self._rate_of_each = 1 / points
        self._asked = 0
        self.choices: dict[int, int] = {}

    def choose(self, where: str, options: Sequence[str]) -> int:
        number, self._asked = self._asked, self._asked + 1
        if self._random.random() > self._left * self._rate_of_each:
            return 0
        self._left -= 1
        self.choices[number] = self._random.randrange(1, len(options))
        return self.choices[number]


@dataclass(frozen=True)
class Finding:
    """A run in which something was violated, and how to have it again."""

    scenario: str
    choices: Choices
    violation: str
    story: Sequence[str]

    def __str__(self) -> str:
        again = f"python tests/support/explore.py replay {self.scenario} {written(self.choices)}"
        return "\n    ".join([f"{self.violation} In {self.scenario}, by:", *self.story, f"Again: {again}"])


@dataclass
class Report:
    """What was explored, and what was found."""

    executions: int = 0
    tally: Counter[str] = field(default_factory=Counter)
    findings: list[Finding] = field(default_factory=list)

    def __str__(self) -> str:
        told = ", ".join(f"{count} {name}" for name, count in sorted(self.tally.items()))
        return f"{self.executions} executions, {told}, {len(self.findings)} violations"

    def add(self, other: "Report") -> None:
        self.executions += other.executions
        self.tally.update(other.tally)
        self.findings += other.findings


def explored(
    name: str,
    scenario: Scenario,
    choosers: Iterable[Prescribed | ByChance],
    *,
    enough: int = 1,
    until: str = "",
    kind: type[Run] = Run,
) -> Report:
    """The report of these runs; ends early when enough was found, of the violations with these words where given."""
    report = Report()
    for chooser in choosers:
        run = kind(scenario, chooser)
        try:
            run.play()
        except Violation as violation:
            if until in str(violation):
                report.findings.append(Finding(name, dict(chooser.choices), str(violation), run.story))
        report.executions += 1
        report.tally.update(run.tally)
        if len(report.findings) >= enough:
            break
    return report


def everything(disturbances: int, beginning: Choices = _NONE) -> Iterator[Prescribed]:
    """Every run with at most so many choices that are not ordinary; each is to be played before the next is taken."""
    open_plans = [beginning]
    while open_plans:
        chooser = Prescribed(open_plans.pop())
        yield chooser
        if len(chooser.choices) < disturbances:
            open_plans += one_more(chooser)


def one_more(chooser: Prescribed) -> Iterator[Choices]:
    """The plans that disturb this run once more, later than it was disturbed before."""
    for number in range(max(chooser.choices, default=-1) + 1, len(chooser.widths)):
        for option in range(1, chooser.widths[number]):
            yield {**chooser.choices, number: option}


def by_chance(seeds: Iterable[int], disturbances: int, points: int = 40) -> Iterator[ByChance]:
    return (ByChance(seed, disturbances, points) for seed in seeds)


def replayed(scenario: Scenario, choices: Choices, tell: Callable[[str], None] = lambda _: None) -> Run:
    """The run with these choices; raises the Violation that they lead to."""
    run = Run(scenario, Prescribed(choices), tell=tell)
    run.play()
    return run


def written(choices: Choices) -> str:
    return " ".join(f"{number}={option}" for number, option in choices.items())
