"""The house stands as drawn: imports run one way, and each foreign SDK has its own border."""

import ast
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = sorted(path for folder in ("worker", "handlers") for path in (ROOT / folder).rglob("*.py"))

MIDDLE = ("worker.respond", "worker.consumer", "worker.journal", "worker.launch", "worker.app", "handlers")
EDGES = ("worker.service_bus", "worker.checkpoints", "worker.folds", "worker.table", "worker.clients", "worker.alerts")
STEPS_MAY_IMPORT = ("worker.step", "worker.incident", "worker.digest", "worker.errors", "worker.clients", "handlers")
# Both are spoken by the stand-ins' neighbours as well: the sandbox seeds its own tables.
BORDERS = {
    "azure.servicebus": {"worker/service_bus.py"},
    "azure.data.tables": {
        "worker/checkpoints.py",
        "worker/table.py",
        "worker/folds.py",
        "worker/set_aside.py",
        "worker/clients/on_call.py",
        "worker/clients/on_call_errors.py",
    },
    "handlers": {"worker/app.py"},
}


def name_of(path):
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def imports(path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        if isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def within(name, packages):
    return any(name == package or name.startswith(f"{package}.") for package in packages)


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_edges_never_import_the_middle(path):
    """The queue, the store, the clients and the formats know nothing of who uses them."""
    if within(name_of(path), EDGES):
        assert [name for name in imports(path) if within(name, MIDDLE)] == []


@pytest.mark.parametrize("path", sorted((ROOT / "handlers").glob("*.py")), ids=name_of)
def test_steps_know_clients_and_contracts_alone(path):
    """A step reads the incident and talks to clients; nothing else of the machine."""
    ours = [name for name in imports(path) if within(name, ("worker", "handlers"))]
    assert [name for name in ours if not within(name, STEPS_MAY_IMPORT)] == []


@pytest.mark.parametrize(("sdk", "border"), BORDERS.items(), ids=list(BORDERS))
def test_each_border_is_crossed_in_one_place(sdk, border):
    """A foreign SDK is imported where its errors are translated, and nowhere else."""
    crossing = {
        path.relative_to(ROOT).as_posix()
        for path in SOURCES
        if any(within(name, (sdk,)) for name in imports(path)) and not within(name_of(path), ("worker.sandbox", sdk))
    }
    assert crossing <= border


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_no_module_takes_a_standard_library_name(path):
    """`import queue` must never mean ours."""
    assert path.stem not in sys.stdlib_module_names - {"__main__"}
