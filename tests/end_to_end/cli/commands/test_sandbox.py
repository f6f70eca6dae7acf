"""The command `tocsin`, as a person types it, against the sandbox that it starts itself."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from datetime import timedelta

import pytest
from kept_logging import kept_logging

from worker.__main__ import main

# Many processes, each of which starts slowly on a busy machine.
pytestmark = pytest.mark.timeout(300)

LIMIT = timedelta(seconds=90)


def environment():
    """As of somebody who has set nothing of Tocsin's, and whose terminal is no terminal."""
    return {name: text for name, text in os.environ.items() if not name.startswith("TOCSIN_")} | {"COLUMNS": "80"}


def process(*arguments, cwd, code=0):
    ran = subprocess.run(
        [sys.executable, "-m", "worker", *arguments],
        cwd=cwd,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=LIMIT.total_seconds(),
        check=False,
    )
    assert ran.returncode == code, ran.stderr
    assert "Traceback" not in ran.stderr
    return ran


@pytest.fixture
def tocsin(monkeypatch, capsys):
    """The command in this process, whose imports were paid for: its standard output and standard error."""
    for name in [name for name in os.environ if name.startswith("TOCSIN_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("COLUMNS", "80")

    def run(*arguments, cwd, code=0):
        monkeypatch.chdir(cwd)
        monkeypatch.setattr(sys, "argv", ["tocsin", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        told = capsys.readouterr()
        assert ended.value.code == code, told.err
        return told

    with kept_logging():
        yield run


def eventually(condition, *, but=lambda: ""):
    """The condition's first true value; a test that waits for more than the limit fails with what `but` says."""
    give_up = time.monotonic() + LIMIT.total_seconds()
    while not (found := condition()):
        assert time.monotonic() < give_up, but()
        time.sleep(0.05)
    return found


class Sandbox:
    """One running `tocsin sandbox`, and what it has said so far."""

    def __init__(self, folder, *arguments):
        self.folder = folder
        self.said = folder / "said"
        with self.said.open("w") as said:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "worker", "sandbox", *arguments],
                cwd=folder,
                env=environment(),
                stdout=said,
                stderr=subprocess.STDOUT,
            )

    def says(self, pattern):
        def found():
            match = re.search(pattern, self.said.read_text())
            assert match or self.process.poll() is None, self.words()
            return match

        return eventually(found, but=self.words)

    def words(self):
        """All that can be known of it: what it said, and the log of its worker where that was kept."""
        logs = [self.said, *self.folder.glob("*/work.log")]
        return "\n".join(log.read_text() for log in logs)

    def processes(self):
        """What was started by it, as a table of what runs and its number."""
        # -ww: else a line may end at the width of somebody's terminal, and a long path hides what runs.
        command = ["ps", "-A", "-ww", "-o", "pid=,ppid=,args="]
        listed = subprocess.run(command, capture_output=True, text=True, check=True)
        rows = (line.split(None, 2) for line in listed.stdout.splitlines())
        return {row[2]: int(row[0]) for row in rows if len(row) == 3 and int(row[1]) == self.process.pid}

    def end(self, number=signal.SIGTERM):
        if self.process.poll() is None:
            self.process.send_signal(number)
        return self.process.wait(LIMIT.total_seconds())


@pytest.fixture
def start(tmp_path):
    started = []

    def start(*arguments):
        started.append(Sandbox(tmp_path, *arguments))
        return started[-1]

    yield start
    for sandbox in started:
        sandbox.end()


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    """A sandbox that has shown its demo and stays up, with its settings beside it."""
    sandbox = Sandbox(tmp_path_factory.mktemp("demo"), "--demo", "--keep", "--env-file", ".env", "--data", "kept")
    try:
        sandbox.says(r"Ctrl-C stops it")
        yield sandbox
    finally:
        assert sandbox.end() == 0


def gone(numbers):
    def is_gone(number):
        try:
            os.kill(number, 0)
        except ProcessLookupError:
            return True
        return False

    return all(map(is_gone, numbers))


def test_the_demo_shows_a_launch_step_by_step(demo):
    """The alert is accepted, each step is told as it is done, and the addresses at the end answer."""
    said = demo.said.read_text()
    assert "Sending the Azure Monitor alert" in said
    for step in ("create-work-item", "create-channel", "find-on-call", "assign", "link-channel", "announce"):
        assert re.search(rf"^\+\d+\.\d\d s  {step} done", said, re.MULTILINE), step
    assert re.search(r"^\+\d+\.\d\d s  launched$", said, re.MULTILINE)
    for step in ("create-work-item", "create-channel"):
        address = re.search(rf"^{step} +(http://127\.0\.0\.1\S+)$", said, re.MULTILINE)[1]
        with urllib.request.urlopen(address, timeout=LIMIT.total_seconds()) as answer:
            assert answer.status == 200


def test_a_demo_that_is_kept_ends_with_how_to_play_on(demo):
    """Two addresses to open, which answer, and the settings as a shell takes them."""
    said = demo.said.read_text()
    page, docs = re.search(
        r"^Open in a browser:\n  (http://\S+)  .*\n  (http://\S+/docs)  ", said, re.MULTILINE
    ).groups()
    for address in (page, docs):
        with urllib.request.urlopen(address, timeout=LIMIT.total_seconds()) as answer:
            assert answer.status == 200
    command = re.search(r"^  (set -a; \. \./\.env; set \+a)", said, re.MULTILINE)[1]
    shell = subprocess.run(
        ["sh", "-c", f'{command}; printf %s "$TOCSIN_GRAPH_URL"'],
        cwd=demo.folder,
        env=environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    assert shell.stdout == f"{page}/graph/v1.0"


def test_the_doctor_finds_what_is_planted_and_nothing_else(demo, tocsin):
    """On a fresh sandbox nothing is to be remedied, and what is wrong on purpose says so."""
    told = tocsin("doctor", "--json", cwd=demo.folder)
    verdicts = [result["verdict"] for result in json.loads(told.out)["results"]]
    assert (verdicts.count("planted"), verdicts.count("wrong")) == (3, 0)


def test_a_raised_incident_is_launched_while_one_waits(demo, tocsin):
    """`raise --wait` prints the id first, follows the launch, and the incident is then listed and shown."""
    raised = process(
        "raise", "The [red]bold[/] one", "--severity", "1", "--service", "payments", "--wait", cwd=demo.folder
    )
    incident = raised.stdout.splitlines()[0]
    assert re.fullmatch(r"inc-[0-9a-z]{10}", incident)
    assert re.search(r"^\+\S+ s  launched$", raised.stdout, re.MULTILINE)
    listed = tocsin("incidents", "list", cwd=demo.folder).out.splitlines()
    assert re.match(rf"{incident} +launched +open", listed[1])
    assert max(map(len, listed)) <= 80
    shown = tocsin("incidents", "show", incident, cwd=demo.folder).out
    assert "The [red]bold[/] one" in shown
    assert "Chiyo Tanaka owns the work item" in shown


def test_history_is_data_for_scripts(demo, tocsin):
    """With --json, standard output is JSON and nothing else; a second raise with a key is the same incident."""
    again = [tocsin("raise", "Twice", "--key", "ticket-7", cwd=demo.folder).out.strip() for _ in range(2)]
    assert again[0] == again[1]
    watched = json.loads(tocsin("incidents", "show", again[0], "--watch", "--json", cwd=demo.folder).out)
    assert watched["state"] == "launched"
    assert watched["key"] == "ticket-7"
    listed = json.loads(tocsin("incidents", "list", "--limit", "1", "--json", cwd=demo.folder).out)
    assert [each["incident_id"] for each in listed] == again[:1]


def test_an_incident_that_nobody_knows_is_a_failure(demo, tocsin):
    """An id that was never raised is exit code 1, with what to do next."""
    told = tocsin("incidents", "show", "inc-0000000000", cwd=demo.folder, code=1)
    assert told.out == ""
    assert "Nothing is known of inc-0000000000" in told.err


def test_the_roster_is_filled_from_a_file(demo, tocsin):
    """What would change is told first and done with --yes, and `who` names the new person."""
    (demo.folder / "rota.csv").write_text("name,email,service,oncall\nNew Person,new@contoso.example,search,yes\n")
    tried = tocsin("roster", "import", "rota.csv", cwd=demo.folder)
    assert "would be written" in tried.out
    assert "New Person" not in tocsin("roster", "who", "search", cwd=demo.folder).out
    done = tocsin("roster", "import", "rota.csv", "--yes", cwd=demo.folder)
    assert done.out.replace("would be ", "") == tried.out.replace("would be ", "")
    assert tocsin("roster", "who", "search", cwd=demo.folder).out == "New Person  new@contoso.example\n"
    everybody = json.loads(tocsin("roster", "list", "--json", cwd=demo.folder).out)
    assert "new@contoso.example" in [row["email"] for row in everybody]


def test_a_program_that_dies_ends_the_sandbox_with_its_last_words(start):
    """A worker that is gone is no sandbox: everything stops, and the person reads why."""
    sandbox = start()
    sandbox.says("Ctrl-C stops it")
    children = sandbox.processes()
    os.kill(next(number for what, number in children.items() if what.endswith("work")), signal.SIGKILL)
    assert sandbox.process.wait(LIMIT.total_seconds()) == 1
    assert "`tocsin work` ended with exit code -9. Its last lines were:" in sandbox.said.read_text()
    assert gone(children.values())


def test_nothing_outlives_a_sandbox_that_was_killed(start):
    """Also after SIGKILL, which nobody can catch, the intake, the worker and the tables end."""
    sandbox = start()
    sandbox.says("Ctrl-C stops it")
    children = sandbox.processes()
    assert len(children) == 3
    sandbox.end(signal.SIGKILL)
    eventually(lambda: gone(children.values()), but=lambda: children)


def test_the_http_stand_ins_run_alone(start):
    """What docker-compose needs beside its own queue and tables starts and stops by itself."""
    sandbox = start("--http-only")
    address = sandbox.says(r"Boards, Teams and its bot: (http://\S+)")[1]
    with urllib.request.urlopen(f"{address}/sandbox/state", timeout=LIMIT.total_seconds()) as answer:
        assert {"boards", "graph", "bot"} <= set(json.load(answer))
    assert sandbox.processes() == {}
    assert sandbox.end(signal.SIGINT) == 0
    assert "Stopping all of it" in sandbox.said.read_text()


def test_what_stands_in_the_way_is_told(tocsin, tmp_path):
    """An address or a stored state that cannot be used is a sentence and wrong use."""
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept" / "boards.json").write_text("{")
    told = tocsin("sandbox", "--http-only", "--data", "kept", cwd=tmp_path, code=2)
    assert "Move the file away" in told.err
    (tmp_path / ".env").write_text("TOCSIN_BOARDS_PAT=mine\n")
    told = tocsin("sandbox", "--env-file", ".env", cwd=tmp_path, code=2)
    assert ".env was not written by a sandbox, and stays as it is" in told.err
    assert (tmp_path / ".env").read_text() == "TOCSIN_BOARDS_PAT=mine\n"
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        told = tocsin("sandbox", "--http-only", "--port", port, cwd=tmp_path, code=2)
    assert f"cannot listen on 127.0.0.1:{port}" in told.err


def test_a_directory_keeps_everything_across_restarts(start, tocsin, tmp_path):
    """Roster and messages of a sandbox that was stopped are there again, and no second one touches them meanwhile."""
    arguments = ("--services-only", "--data", "kept", "--env-file", ".env")
    first = start(*arguments)
    first.says("Ctrl-C stops it")
    raised = tocsin("raise", "Still here", cwd=tmp_path).out
    other = process("sandbox", *arguments[:-1], "other.env", cwd=tmp_path, code=2)
    assert "If another sandbox uses it, stop that one" in other.stderr
    (tmp_path / "rota.csv").write_text("name,email,service,oncall\nNew Person,new@contoso.example,search,yes\n")
    tocsin("roster", "import", "rota.csv", "--yes", cwd=tmp_path)
    assert first.end() == 0
    second = start(*arguments)
    address = second.says(r"Board and channels +(http://\S+)")[1]
    second.says("Ctrl-C stops it")
    with urllib.request.urlopen(f"{address}/sandbox/state", timeout=LIMIT.total_seconds()) as answer:
        assert json.load(answer)["queue"]["incidents"]["active"] == 1, raised
    assert "New Person" in tocsin("roster", "who", "search", cwd=tmp_path).out
