"""Which tests reach which function of the code, and which of them are run first."""

import ast
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_FILE = "reach.json"


def functions_by_line(source: str) -> dict[int, str]:
    """For each line the innermost function that it stands in, by its qualified name; lines of no function have none."""
    found: dict[int, str] = {}

    def walk(node: ast.AST, names: tuple[str, ...]) -> None:
        for child in ast.iter_child_nodes(node):
            inner = names
            if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                inner = (*names, child.name)
            if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
                found.update(dict.fromkeys(range(child.body[0].lineno, child.end_lineno + 1), ".".join(inner)))
            walk(child, inner)

    walk(ast.parse(source), ())
    return found


@dataclass(frozen=True, slots=True)
class Reach:
    """`seconds` by test; `functions`: the tests by `path::qualified.name`."""

    seconds: Mapping[str, float]
    functions: Mapping[str, frozenset[str]]

    @staticmethod
    def is_kept(folder: Path) -> bool:
        return (folder / _FILE).exists()

    @classmethod
    def read(cls, folder: Path) -> "Reach":
        """What was kept in the folder; nothing where nothing was."""
        if not cls.is_kept(folder):
            return cls({}, {})
        kept = json.loads((folder / _FILE).read_text())
        tests = list(kept["seconds"])
        functions = {name: frozenset(tests[number] for number in of) for name, of in kept["functions"].items()}
        return cls(kept["seconds"], functions)

    @staticmethod
    def function_at(source: str, line: int) -> str:
        return functions_by_line(source).get(line, "")

    def write(self, folder: Path) -> None:
        """Functions keep numbers for their tests: thousands of functions name the same thousands of tests."""
        folder.mkdir(exist_ok=True)
        numbers = {test: number for number, test in enumerate(self.seconds)}
        functions = {name: sorted(numbers[test] for test in of) for name, of in self.functions.items()}
        (folder / _FILE).write_text(json.dumps({"seconds": dict(self.seconds), "functions": functions}))

    def renewed(self, parts: Path) -> "Reach":
        """With what each process of a run wrote into the folder, in the place of what was known of the same files."""
        found = self
        for part in parts.glob("*.json"):
            found = found._joined(json.loads(part.read_text()))
        return found

    def _joined(self, newer: Mapping[str, Any]) -> "Reach":
        renewed = {_file(test) for test in newer["seconds"]}
        seconds = {test: of for test, of in self.seconds.items() if _file(test) not in renewed}
        functions = {
            name: frozenset(test for test in self.functions.get(name, ()) if _file(test) not in renewed)
            | frozenset(newer["functions"].get(name, ())).intersection(newer["seconds"])
            for name in self.functions.keys() | newer["functions"].keys()
        }
        return Reach(seconds | newer["seconds"], functions)

    def seconds_of(self, tests: Iterable[str]) -> float:
        return sum(self.seconds.get(test, 0.0) for test in tests)

    def tests_of(self, path: str, function: str, *, seconds: float) -> list[str]:
        """The nearest first, then the quick ones; as many as take so many seconds together, and all of its own file's.

        What stands outside of functions is reached by whoever reaches a function of the file.
        """
        if function:
            reached = self._reaching(f"{path}::{function}")
        else:
            reached = frozenset().union(*(of for name, of in self.functions.items() if name.startswith(f"{path}::")))
        own = {test for test in self.seconds if _distance(test, path) == 0}
        chosen, left = [], seconds
        for test in sorted(reached | own, key=lambda test: (_distance(test, path), self.seconds.get(test, 0.0))):
            left -= self.seconds.get(test, 0.0)
            if test in own or left > 0:
                chosen.append(test)
        return chosen

    def _reaching(self, name: str) -> frozenset[str]:
        """A function without a body of its own to run, a class's or a lambda's, is reached with what it stands in."""
        while name not in self.functions and "." in name.split("::")[1]:
            name = name.rpartition(".")[0]
        within = (of for other, of in self.functions.items() if other.startswith(f"{name}."))
        return self.functions.get(name, frozenset()).union(*within)


def _file(test: str) -> str:
    return test.partition("::")[0]


def _distance(test: str, path: str) -> int:
    """0 for the module's own tests; then unit tests of the package, others of them, and contract tests likewise."""
    tier, *folders, file = Path(_file(test)).parts[1:]
    *package, module = Path(path.removeprefix("worker/")).with_suffix("").parts
    own = module if module != "__init__" else "".join(package[-1:])
    if folders == package and f"{Path(file).stem}_".startswith(f"test_{own}_"):
        return 0
    near = folders[:1] == package[:1]
    return {("unit", True): 1, ("unit", False): 2, ("contract", True): 3, ("contract", False): 4}[tier, near]
