"""Explore for longer than the test suite does, or have one run again: `python tests/support/explore.py --help`."""

# ruff: noqa: T201 (a command for people: what it prints is what it is for)

import argparse
import sys
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass

from exploration import Prescribed, Report, by_chance, everything, explored, one_more, replayed
from model_oracle import Violation
from model_run import Run
from scenarios import ALL, SCENARIOS

_SEEDS_PER_TASK = 500
_ENOUGH = 5


@dataclass(frozen=True)
class Everything:
    """All runs with at most so many disturbances that begin with this one."""

    scenario: str
    disturbances: int
    beginning: Mapping[int, int]

    def explore(self) -> Report:
        choosers = everything(self.disturbances, self.beginning)
        return explored(self.scenario, ALL[self.scenario], choosers, enough=_ENOUGH)


@dataclass(frozen=True)
class Chance:
    scenario: str
    disturbances: int
    seeds: range

    def explore(self) -> Report:
        choosers = by_chance(self.seeds, self.disturbances)
        return explored(self.scenario, ALL[self.scenario], choosers, enough=_ENOUGH)


def main(arguments: Sequence[str]) -> int:
    given = _parser().parse_args(arguments)
    if given.command == "replay":
        return _replay(given.scenario, given.choices)
    total = Report()
    with ProcessPoolExecutor(given.processes) as pool:
        for number, report in enumerate(pool.map(_explore, _tasks(given))):
            total.add(report)
            if number % 10 == 0 or report.findings:
                print(total, *report.findings, sep="\n", flush=True)
    print(total)
    return 1 if total.findings else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    replay = commands.add_parser("replay", help="have one run again, with its whole story")
    replay.add_argument("scenario", choices=ALL)
    replay.add_argument("choices", nargs="*", help="choice point=option, as a finding prints them")
    deep = commands.add_parser("everything", help="every run with up to so many disturbances")
    deep.add_argument("--disturbances", type=int, default=2)
    wide = commands.add_parser("chance", help="runs by chance, with up to so many disturbances")
    wide.add_argument("--disturbances", type=int, default=5)
    wide.add_argument("--seeds", type=int, default=20_000)
    wide.add_argument("--from-seed", type=int, default=0)
    for each in (deep, wide):
        each.add_argument("--scenario", choices=ALL, action="append")
        each.add_argument("--processes", type=int)
    return parser


def _replay(scenario: str, choices: Sequence[str]) -> int:
    chosen = {int(number): int(option) for number, _, option in (choice.partition("=") for choice in choices)}
    try:
        run = replayed(ALL[scenario], chosen, tell=print)
    except Violation as violation:
        print(violation)
        return 1
    print("Nothing was violated.", dict(run.tally))
    return 0


def _tasks(given: argparse.Namespace) -> Iterator[Everything | Chance]:
    for name in given.scenario or SCENARIOS:
        if given.command == "everything":
            yield Everything(name, 0, {})
            yield from (Everything(name, given.disturbances, first) for first in _first_disturbances(name))
        else:
            starts = range(given.from_seed, given.from_seed + given.seeds, _SEEDS_PER_TASK)
            yield from (Chance(name, given.disturbances, range(start, start + _SEEDS_PER_TASK)) for start in starts)


def _first_disturbances(name: str) -> list[Mapping[int, int]]:
    undisturbed = Prescribed({})
    Run(ALL[name], undisturbed).play()
    return list(one_more(undisturbed))


def _explore(task: Everything | Chance) -> Report:
    return task.explore()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
