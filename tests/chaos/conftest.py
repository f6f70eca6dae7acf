"""What the matrices share: one runner for all cells of a test run, and the table of what came of them."""

from collections import defaultdict
from pathlib import Path

import pytest
import pytest_asyncio
from chaos_runner import open_runner

_OUTCOMES = pytest.StashKey()
_HERE = Path(__file__).parent


def pytest_configure(config):
    config.addinivalue_line("markers", "soak: a cell of a whole matrix; run with -m 'soak or not soak'")
    config.stash[_OUTCOMES] = []


# What a worker that was killed leaves half open is closed by whoever collects it, in whichever test that is.
_LEFT_OPEN = ("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")


def pytest_collection_modifyitems(config, items):
    """Leave out the cells beyond the part that is run each time, unless a person asks for them."""
    for item in items:
        if item.path.is_relative_to(_HERE):
            for ignored in _LEFT_OPEN:
                item.add_marker(pytest.mark.filterwarnings(ignored))
    if "soak" in (config.option.markexpr or ""):
        return
    left_out = [item for item in items if item.get_closest_marker("soak")]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if not item.get_closest_marker("soak")]


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def runner(request, nursery):
    """Runs the cells of all selected tests, some ahead of the test that asks."""
    ours = [item for item in request.session.items if item.path.is_relative_to(_HERE)]
    chosen = [item for item in ours if hasattr(item, "callspec")]
    cells = [cell for item in chosen if (cell := item.callspec.params.get("cell")) is not None]
    async with open_runner(nursery, list(dict.fromkeys(cells))) as opened:
        yield opened


@pytest.fixture
def outcome_of(runner, request):
    """The outcome of a cell, noted for the table under the name of the test's file."""

    async def outcome(cell):
        found = await runner.outcome(cell)
        request.config.stash[_OUTCOMES].append((request.path.stem.removeprefix("test_"), found))
        return found

    return outcome


def pytest_terminal_summary(terminalreporter, config):
    rows = defaultdict(list)
    for matrix, outcome in config.stash.get(_OUTCOMES, []):
        rows[matrix].append(outcome)
    if not rows:
        return
    terminalreporter.section("chaos")
    for matrix, outcomes in rows.items():
        lost = sum(each.verdict.lost.total() for each in outcomes)
        duplicate = sum(each.verdict.duplicate.total() for each in outcomes)
        kills = sum(each.kills for each in outcomes)
        slowest = max(each.seconds for each in outcomes)
        terminalreporter.write_line(
            f"{matrix}: {len(outcomes)} cells, {kills} kills, {lost} lost, {duplicate} duplicate; "
            f"the slowest took {slowest:.0f} s"
        )
