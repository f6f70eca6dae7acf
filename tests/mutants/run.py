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
import multiprocessing
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from queue import SimpleQueue

import pytest
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
# For the start of pytest, and a machine that is busy with other things.
PATIENCE_SECONDS = 300.0

# Each pytest is a fork of a process that has imported the large libraries, and nothing of ours.
WARM = multiprocessing.get_context("forkserver")
_QUIET = ("-W", "ignore::pytest.PytestAssertRewriteWarning")  # of plugins that are imported already
# Added to pytest's exit code, which a process that dies of something else does not do.
_ENDED = 100
LIBRARIES = [
    *("azure.data.tables.aio", "azure.devops.connection", "azure.identity.aio", "azure.servicebus.aio", "fastapi"),
    *("httpx", "hypothesis.strategies", "msgraph.graph_service_client", "opentelemetry.sdk.trace", "pydantic_settings"),
    *("pytest", "pytest_asyncio", "rich.console", "structlog", "typer.testing", "uvicorn", "xdist"),
]


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
        self._changes = 0
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
        self._changes += 1
        os.utime(file, (self._changes, self._changes))  # what is compiled of another change is not taken for this one
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
                case 1 if failed := next(_failed(output, tests), ""):
                    if self.test([failed], limit=3 * seconds + PATIENCE_SECONDS)[0] != 0:
                        return "noticed", failed
                    # By luck: whether a later one notices it is what counts.
                    tests = tests[tests.index(failed) + 1 :] if failed in tests else []
                case 4 if gone := {line.split()[-1] for line in output.splitlines() if "not found: " in line}:
                    left = [test for test in tests if not any(each.endswith(test) for each in gone)]
                    tests = left if len(left) < len(tests) else []
                case 2 if failed := next(_failed(output, tests), ""):
                    return "noticed", failed  # it cannot even be imported
                case _:
                    sys.exit(f"Pytest ended with {code}, which says nothing about {tests[:3]}:\n{output[-2000:]}")
        return "survived", "no test reaches it"

    def failing(self, tests: list[str]) -> set[str]:
        code, output = self.test(tests, "--maxfail=1000000")
        if code not in (0, 1, 2):
            sys.exit(f"The tests do not run on the unchanged code:\n{output[-2000:]}")
        return set(_failed(output, tests))

    def test(self, tests: list[str], *options: str, limit: float | None = None) -> tuple[int | None, str]:
        """Pytest's exit code, None if it took too long, and what it said."""
        with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
            told, listed = Path(folder, "told.txt"), Path(folder, "tests.txt")
            listed.write_text("\n".join(tests))
            arguments = ["-q", "-x", "-n", "0", "-p", "no:cacheprovider", "--tb=no", *_QUIET, *options, f"@{listed}"]
            process = WARM.Process(target=_run_pytest, args=(self._folder, told, arguments))
            process.start()
            process.join(limit)
            if process.exitcode is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.join()
                return None, ""
            output = told.read_text(errors="replace")
            if process.exitcode < _ENDED:
                sys.exit(f"Pytest itself did not run to its end, which says nothing about a change:\n{output[-2000:]}")
            return process.exitcode - _ENDED, output


def _run_pytest(folder: Path, told: Path, arguments: list[str]) -> None:
    """In a process of its own, which leads a group with all that it begins."""
    os.setsid()
    output = os.open(told, os.O_WRONLY | os.O_CREAT, 0o600)
    os.dup2(output, 1)
    os.dup2(output, 2)
    os.chdir(folder)
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    sys.dont_write_bytecode = False  # of the copy; nearly all of it is the same for the next change
    places = [str(folder), str(folder / "tests/support")]
    sys.path[:] = [*places, *(path for path in sys.path if not path.startswith(f"{ROOT}/tests"))]
    os.environ["PYTHONPATH"] = os.pathsep.join(places)
    for name in [name for name, module in sys.modules.items() if _is_ours(module)]:
        del sys.modules[name]
    code = int(pytest.main(arguments))
    sys.stdout.flush()
    os._exit(_ENDED + code)  # whatever a change left running


def _is_ours(module: object) -> bool:
    return str(getattr(module, "__file__", "")).startswith(f"{ROOT}/tests")


def _failed(output: str, tests: list[str]) -> Iterator[str]:
    """Their node ids, as the summary at the end lists them; of a file that cannot be imported its path."""
    for line in output.splitlines():
        verdict, _, what = line.partition(" ")
        if verdict in ("FAILED", "ERROR") and what.startswith("tests/"):
            named = [test for test in tests if f"{what} - ".startswith(f"{test} - ")]
            yield named[0] if named else what.split(" - ")[0]


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
        verdicts = list(threads.map(judge, mutants))
        return list(_believed(verdicts, copies.get()))


def _believed(verdicts: list[Verdict], copy: Copy) -> Iterator[Verdict]:
    """A test that fails on the unchanged code as well has noticed nothing."""
    tests = sorted({verdict.by for verdict in verdicts if verdict.fate == "noticed"})
    failing = set() if not tests else copy.failing(tests)
    for verdict in verdicts:
        if verdict.by in failing or verdict.by.partition("::")[0] in failing:
            yield replace(verdict, fate="unclear", by=f"{verdict.by} fails without the change too")
        else:
            yield verdict


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
    parser.add_argument("--seconds", type=float, default=120.0, help="of tests, at the most, for one change")
    parser.add_argument("--by-hand", type=Path, default=None, help="a file of changes to try in place of a sample")
    parser.add_argument("--renew", nargs="*", default=None, help="find out anew what these test files reach, or all")
    given = parser.parse_args()
    WARM.set_forkserver_preload(LIBRARIES)
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
