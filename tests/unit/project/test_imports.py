"""The house stands as drawn: imports run downwards, and each foreign SDK has its own border."""

import ast
import sys
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
SOURCES = sorted(path for folder in ("worker", "handlers") for path in (ROOT / folder).rglob("*.py"))

# From the top floor down: each package, and what it may import beside itself. Nothing else is a package of ours.
EVERYTHING = "everything below"
MAY_IMPORT = {
    "__main__": "cli domain",
    "cli": EVERYTHING,
    "app": "handlers lifecycle retention engine grouping messaging clients oncall intake storage resilience web "
    "credentials observability settings incidents alerts domain",
    "handlers": "engine oncall clients domain",
    "lifecycle": "engine grouping oncall messaging storage resilience observability domain",
    "dead_letters": "messaging storage grouping alerts incidents resilience domain",
    "retention": "storage grouping incidents resilience observability settings domain",
    "doctor": "clients oncall messaging storage credentials settings domain",
    "sandbox": "oncall storage settings domain",
    "engine": "storage incidents resilience observability domain",
    "grouping": "storage incidents alerts settings observability domain",
    "messaging": "alerts resilience observability credentials settings domain",
    "clients": "resilience observability credentials settings domain",
    "oncall": "storage resilience observability settings domain",
    "intake": "web alerts incidents observability settings domain",
    "storage": "incidents credentials settings domain",
    "resilience": "observability credentials settings domain",
    "web": "observability credentials settings domain",
    "credentials": "settings domain",
    "observability": "settings domain",
    "settings": "alerts domain",
    "incidents": "domain",
    "alerts": "domain",
    "domain": "",
}
AT_THE_TOP = {"__init__.py", "__main__.py", "credentials.py", "settings.py"}
BORDERS = {
    "azure.servicebus": ("worker.messaging",),
    "azure.data.tables": ("worker.storage", "worker.grouping.alert_store", "worker.oncall"),
    "azure.devops": ("worker.clients.boards",),
    "azure.communication": ("worker.clients.sms",),
    "msgraph": ("worker.clients",),
    "kiota_abstractions": ("worker.clients",),
    "kiota_http": ("worker.clients",),
    "uvicorn": ("worker.web",),
    "h11": ("worker.web",),
    "typer": ("worker.cli",),
    "rich": ("worker.cli",),
}


def name_of(path):
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def package_of(name):
    """`worker.cli.commands.work` belongs to `cli`; a file at the top is a package of its own."""
    first, *rest = name.split(".")
    return rest[0] if first == "worker" and rest else first


@cache
def imports(path):
    """Everything imported anywhere in the file: inside functions and for types alone as well."""
    found = []
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} imports by a relative path"
            found += [f"{node.module}.{alias.name}" for alias in node.names]
    return found


def ours(path):
    return [name for name in imports(path) if within(name, ("worker", "handlers"))]


def within(name, packages):
    return any(name == package or name.startswith(f"{package}.") for package in packages)


MODULES = {name_of(path): path for path in SOURCES}


def module_of(name):
    """The module that an imported name is, or stands in."""
    while name not in MODULES:
        name = name.rpartition(".")[0]
    return name


def run_by_importing(name):
    """The modules whose code an import of this one runs: those it names, and the packages that those stand in."""
    for parts in (module_of(each).split(".") for each in ours(MODULES[name])):
        above = (".".join(parts[:count]) for count in range(1, len(parts) + 1))
        yield from (module for module in above if not within(name, (module,)))


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_imports_run_downwards(path):
    """A package imports what the table allows it, and every package is in the table."""
    here = package_of(name_of(path))
    if here == "worker":
        assert ours(path) == []
        return
    allowed = MAY_IMPORT[here]
    below = list(MAY_IMPORT)[list(MAY_IMPORT).index(here) + 1 :] if allowed == EVERYTHING else allowed.split()
    assert {package_of(name) for name in ours(path)} - {here} <= set(below)


def test_table_itself_points_downwards():
    """What a package may import stands below it in the table."""
    floors = list(MAY_IMPORT)
    for package, allowed in MAY_IMPORT.items():
        if allowed != EVERYTHING:
            assert all(floors.index(name) > floors.index(package) for name in allowed.split())


def test_table_knows_only_packages_that_are_there():
    """No line of the table speaks of what is gone."""
    assert {package_of(name) for name in MODULES} - {"worker"} == set(MAY_IMPORT)


def test_top_of_the_house_is_bare():
    """What is new belongs into a package."""
    assert {path.name for path in (ROOT / "worker").glob("*.py")} == AT_THE_TOP


def test_no_two_files_need_each_other():
    """The files of the house, in packages or across them, import each other without a circle."""
    graph = {name: set(run_by_importing(name)) for name in MODULES}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(f"A circle: {' -> '.join(error.args[1])}")


def test_only_its_command_starts_the_sandbox():
    """The stand-ins hang by one arrow, so that they can leave the package on the day somebody wants a smaller one."""
    importing = {
        name for name, path in MODULES.items() if any(within(each, ("worker.sandbox",)) for each in ours(path))
    }
    assert {name for name in importing if not within(name, ("worker.sandbox",))} == {"worker.cli.commands.sandbox"}


SEEN_BY_SETTINGS = {f"worker.alerts.{name}" for name in ("severities", "reading", "house_format")}
SEEN_BY_SETTINGS |= {f"worker.alerts.mapping.{name}" for name in ("map_files", "yaml_document")}


@pytest.mark.parametrize(
    ("who", "package", "modules"),
    [
        ("handlers", "worker.engine", {"worker.engine.step", "worker.engine.duplicates", "worker.engine.lane"}),
        ("worker.settings", "worker.alerts", SEEN_BY_SETTINGS),
    ],
)
def test_some_see_a_part_alone(who, package, modules):
    """A step sees what steps and lanes are, the settings what they say of alerts, and nothing else of those."""
    seen = {module_of(each) for name, path in MODULES.items() if within(name, (who,)) for each in ours(path)}
    assert {name for name in seen if within(name, (package,))} == modules


@pytest.mark.parametrize(("sdk", "homes"), BORDERS.items(), ids=list(BORDERS))
def test_each_border_is_crossed_in_one_place(sdk, homes):
    """A foreign SDK is imported where its errors are translated; stand-ins serve by means of their own."""
    crossing = {name for name, path in MODULES.items() if any(within(each, (sdk,)) for each in imports(path))}
    assert {name for name in crossing if not within(name, (*homes, "worker.sandbox"))} == set()
    assert crossing


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_no_module_takes_a_standard_library_name(path):
    """`import queue` must never mean ours."""
    assert path.stem not in sys.stdlib_module_names - {"__main__"}
