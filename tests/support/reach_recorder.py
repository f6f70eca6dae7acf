"""A plugin of pytest: writes down which test runs which functions, and how long each test takes.

Give it with `-p reach_recorder` and the folder for its files in REACH_FOLDER; each process of a run writes its own one:
`{"seconds": {test: seconds}, "functions": {"worker/a/b.py::C.method": [test, …]}}`, with pytest's node ids for tests.
What a fixture of a wider scope runs counts for the test that asked for it first.
"""

import json
import os
import uuid
from collections import defaultdict
from pathlib import Path

import coverage
import pytest
from reach import functions_by_line

CODE = ("worker", "handlers")


class ReachRecorder:
    def __init__(self, folder):
        self._folder = Path(folder)
        self._coverage = coverage.Coverage(data_file=None, source=[*CODE], config_file=False, context="import")
        self._seconds = defaultdict(float)
        self._coverage.start()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item):
        self._coverage.switch_context(item.nodeid)
        outcome = yield
        self._coverage.switch_context("")
        return outcome

    @pytest.hookimpl
    def pytest_runtest_logreport(self, report):
        self._seconds[report.nodeid] += report.duration

    @pytest.hookimpl
    def pytest_sessionfinish(self):
        self._coverage.stop()
        written = {"seconds": self._seconds, "functions": {name: sorted(of) for name, of in self._reached().items()}}
        (self._folder / f"{uuid.uuid4().hex}.json").write_text(json.dumps(written))

    def _reached(self):
        data, reached = self._coverage.get_data(), defaultdict(set)
        for file in data.measured_files():
            functions = functions_by_line(Path(file).read_text())
            for line, contexts in data.contexts_by_lineno(file).items():
                if line in functions:
                    name = f"{Path(file).relative_to(Path.cwd())}::{functions[line]}"
                    reached[name].update(each.removeprefix("import|") for each in contexts)
        return {name: {test for test in tests if test and test != "import"} for name, tests in reached.items()}


def pytest_configure(config):
    if config.getoption("numprocesses", None) and not hasattr(config, "workerinput"):
        return  # the tests run in other processes
    config.pluginmanager.register(ReachRecorder(os.environ["REACH_FOLDER"]), "reach")
