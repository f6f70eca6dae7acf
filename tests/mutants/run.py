"""Whether a test notices when the code does something else: make small changes one at a time and run the tests.

A sample of the changes that `tests/support/mutants.py` knows, as many from each package as from every other, is tried
on a copy of the repository. For each, those unit and contract tests run that reach the changed function, the nearest
first and then the quick ones, until one fails; that one has to fail twice. What none notices is listed with its diff.

    tests/mutants/run.py --count 100 --seed 1 --jobs 2

Which test reaches which function is found out by one run of all of them, some minutes long, and kept in `.mutants/`;
`--renew` does it again, for the test files named or for all. Changes that make no difference to anybody are listed with
their reason in `equivalent.txt`, and not tried.
"""

import argparse
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from queue import SimpleQueue

from mutants import Mutant, mutants_of
from reach import Reach

ROOT = Path(__file__).parents[2]
KEPT = ROOT / ".mutants"
EQUIVALENT = Path(__file__).with_name("equivalent.txt")
PACKAGES = (
    *(f"worker/{name}" for name in ("engine", "messaging", "storage", "grouping", "intake", "lifecycle")),
    "handlers",
)
TIERS = ("tests/unit", "tests/contract")
LINKED = (".venv", ".azurite", ".clients")
# For the start of pytest, and a machine that is busy with another mutant.
PATIENCE_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Verdict:
    """`by`: the test that noticed it, or what else there is to say."""

    mutant: Mutant
    fate: str
    by: str
    seconds: float
    diff: str

    @property
    def is_noticed(self) -> bool:
        return self.fate in ("noticed", "hung")


class Copy:
    """A copy of the working tree in which one mutant at a time stands."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        listed = subprocess.run(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=ROOT, check=True, stdout=-1
        ).stdout.decode()
        for name in filter(None, listed.split("\0")):
            if (ROOT / name).is_file():
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(ROOT / name, folder / name)
        for name in LINKED:
            if (ROOT / name).exists():
                (folder / name).symlink_to((ROOT / name).resolve())

    def judge(self, mutant: Mutant, tests: list[str], seconds: float) -> Verdict:
        file = self._folder / mutant.path
        source, times = file.read_bytes(), file.stat()
        began = time.monotonic()
        file.write_bytes(mutant.applied(source))
        try:
            fate, by = self._try(tests, seconds)
        finally:
            file.write_bytes(source)
            os.utime(file, ns=(times.st_atime_ns, times.st_mtime_ns))  # what is compiled of it is good again
        return Verdict(mutant, fate, by, time.monotonic() - began, mutant.diff(source))

    def _try(self, tests: list[str], seconds: float) -> tuple[str, str]:
        while tests:
            code, output = self.test(tests, limit=3 * seconds + PATIENCE_SECONDS)
            match code:
                case None:
                    return "hung", ""
                case 0:
                    return "survived", f"{len(tests)} tests"
                case 1:
                    failed = _failed(output)
                    if not failed or self.test([failed], limit=3 * seconds + PATIENCE_SECONDS)[0] != 0:
                        return "noticed", failed
                    # By luck: whether a later one notices it is what counts.
                    tests = tests[tests.index(failed) + 1 :] if failed in tests else []
                case 4 if gone := {line.split()[-1] for line in output.splitlines() if "not found: " in line}:
                    left = [test for test in tests if not any(each.endswith(test) for each in gone)]
                    tests = left if len(left) < len(tests) else []
                case _:
                    return "noticed", f"pytest ends with {code}"
        return "survived", "no test reaches it"

    def test(self, tests: list[str], *options: str, limit: float | None = None) -> tuple[int | None, str]:
        """Pytest's exit code, None if it took too long, and what it said."""
        with tempfile.NamedTemporaryFile("w", suffix=".txt") as listed:
            listed.write("\n".join(tests))
            listed.flush()
            command = [sys.executable, "-m", "pytest", "-q", "-x", "-n", "0", "-p", "no:cacheprovider", "--tb=no"]
            path = os.pathsep.join(map(str, (self._folder, self._folder / "tests/support")))
            environment = os.environ | {"PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"}
            try:
                done = subprocess.run(
                    [*command, *options, f"@{listed.name}"],
                    check=False,
                    cwd=self._folder,
                    env=environment,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.STDOUT,
                    timeout=limit,
                )
            except subprocess.TimeoutExpired:
                return None, ""
        return done.returncode, done.stdout.decode(errors="replace")


def _failed(output: str) -> str:
    for line in output.splitlines():
        if line.startswith(("FAILED ", "ERROR ")):
            return line.split(" ", 1)[1].split(" - ")[0]
    return ""


def sample(count: int, seed: int, equivalent: frozenset[str]) -> list[Mutant]:
    """The same for the same code and seed."""
    chance = random.Random(seed)
    drawn: list[Mutant] = []
    for number, package in enumerate(PACKAGES):
        files = sorted((ROOT / package).rglob("*.py"))
        known = [mutant for file in files for mutant in mutants_of(str(file.relative_to(ROOT)), file.read_bytes())]
        wanted = [mutant for mutant in known if mutant.name not in equivalent]
        share = count * (number + 1) // len(PACKAGES) - count * number // len(PACKAGES)
        drawn += chance.sample(wanted, min(share, len(wanted)))
    chance.shuffle(drawn)
    return drawn


def equivalents() -> frozenset[str]:
    """Each stands on a line of its own, below a comment that says why it makes no difference."""
    lines = EQUIVALENT.read_text().splitlines()
    return frozenset(line for line in lines if line and not line.startswith("#"))


def by_hand(file: Path) -> list[Mutant]:
    """Changes that somebody thought of: a list of objects with `path`, `before` and `after`, a text there once."""
    found = []
    for wanted in json.loads(file.read_text()):
        source = (ROOT / wanted["path"]).read_bytes()
        before = wanted["before"].encode()
        if source.count(before) != 1:
            sys.exit(f"{wanted['path']} has {source.count(before)} times, and not once: {wanted['before']}")
        start = source.index(before)
        line = source.count(b"\n", 0, start) + 1
        function = Reach.function_at(source.decode(), line)
        where = (start, start + len(before), wanted["before"], wanted["after"])
        found.append(Mutant(wanted["path"], function, line, "by hand", *where))
    return found


def renew(files: list[str], processes: int) -> None:
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        copy, parts = Path(folder, "copy"), Path(folder, "parts")
        parts.mkdir()
        os.environ["REACH_FOLDER"] = str(parts)
        options = ["-p", "reach_recorder", "-n", str(processes), "--maxfail=1000000"]
        Copy(copy).test(files or list(TIERS), *options)
        Reach.read(KEPT).renewed(parts).write(KEPT)


def try_all(mutants: list[Mutant], reach: Reach, *, jobs: int, seconds: float) -> list[Verdict]:
    copies: SimpleQueue[Copy] = SimpleQueue()

    def judge(mutant: Mutant) -> Verdict:
        copy = copies.get()
        try:
            tests = reach.tests_of(mutant.path, mutant.function, seconds=seconds)
            verdict = copy.judge(mutant, tests, reach.seconds_of(tests))
        finally:
            copies.put(copy)
        print(f"{verdict.fate:8} {verdict.seconds:5.0f} s  {mutant.name[:150]}", flush=True)
        return verdict

    with tempfile.TemporaryDirectory(prefix="mutants-") as folder, ThreadPoolExecutor(jobs) as threads:
        for number in range(jobs):
            copies.put(Copy(Path(folder, str(number))))
        return list(threads.map(judge, mutants))


def tell(verdicts: list[Verdict]) -> None:
    by_package: dict[str, list[Verdict]] = defaultdict(list)
    for verdict in verdicts:
        package = next((each for each in PACKAGES if verdict.mutant.path.startswith(each)), "others")
        by_package[package].append(verdict)
    for verdict in verdicts:
        if not verdict.is_noticed:
            print(f"\n{verdict.mutant.path}:{verdict.mutant.line} {verdict.mutant.operator} ({verdict.by})")
            print(f"{verdict.mutant.name}\n{verdict.diff}")
    print()
    for package, of in [*sorted(by_package.items()), ("together", verdicts)]:
        noticed = sum(verdict.is_noticed for verdict in of)
        print(f"{package:20} {noticed} of {len(of)} noticed ({noticed / len(of):.0%})")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--seed", type=int, default=None, help="that of an earlier run, to try the same changes again")
    parser.add_argument("--jobs", type=int, default=1, help="changes tried at the same time")
    parser.add_argument("--seconds", type=float, default=60.0, help="of tests, at the most, for one change")
    parser.add_argument("--by-hand", type=Path, default=None, help="a file of changes to try in place of a sample")
    parser.add_argument("--renew", nargs="*", default=None, help="find out anew what these test files reach, or all")
    given = parser.parse_args()
    if given.renew is not None or not Reach.is_kept(KEPT):
        print("Running the tests once, to find out which of them reach what", flush=True)
        renew(given.renew or [], max(2, given.jobs))
    seed = random.randrange(1_000_000) if given.seed is None else given.seed
    drawn = by_hand(given.by_hand) if given.by_hand else sample(given.count, seed, equivalents())
    print(f"{len(drawn)} changes, seed {seed}", flush=True)
    verdicts = try_all(drawn, Reach.read(KEPT), jobs=given.jobs, seconds=given.seconds)
    (KEPT / "verdicts.json").write_text(json.dumps([asdict(verdict) for verdict in verdicts], indent=1))
    tell(verdicts)


if __name__ == "__main__":
    main()
