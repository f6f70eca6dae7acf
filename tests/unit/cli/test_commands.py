"""The command line answers quickly, helps with examples, and ends with a sentence and an exit code."""

import json
import re
import subprocess
import sys

import pytest

from worker.__main__ import main
from worker.cli.commands import COMMANDS, GROUPS
from worker.sandbox.harness.faults import parse
from worker.sandbox.stand_ins import stand_ins
from worker.sandbox.world import DEFAULT_WORLD

ALL = [((command.name,), command) for command in COMMANDS] + [
    ((group, command.name), command) for group, (_, commands) in GROUPS.items() for command in commands
]


@pytest.fixture
def tocsin(monkeypatch, capsys):
    """Run the command in this process: its exit code, standard output and standard error."""

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["tocsin", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        told = capsys.readouterr()
        return ended.value.code, told.out, told.err

    return run


@pytest.mark.parametrize("words", [[], *([group] for group in GROUPS)], ids=" ".join)
def test_help_loads_neither_a_command_nor_the_sdks(words):
    """`tocsin --help` and that of a group import no command and no client of a remote system: that takes seconds."""
    program = (
        "import json, sys\n"
        "from worker.__main__ import main\n"
        f"sys.argv = {['tocsin', *words, '--help']}\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        "print(json.dumps(sorted(sys.modules)))\n"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    modules = set(json.loads(ran.stdout.splitlines()[-1]))
    loaded = {name.split(".")[0] for name in modules}
    assert "typer" in loaded
    assert not loaded & {"azure", "msgraph", "msrest", "kiota_abstractions", "aiohttp", "httpx", "fastapi", "uvicorn"}
    assert not modules & {f"worker.cli.commands.{command.module}" for _, command in ALL}


@pytest.mark.parametrize(("words", "command"), ALL, ids=[" ".join(words) for words, _ in ALL])
def test_a_command_is_listed_in_the_words_of_its_own_help(tocsin, words, command):
    """What the list above it says of a command is how the command's help begins."""
    listed = tocsin(*words[:-1], "--help")[1].replace("│", " ")
    code, out, _ = tocsin(*words, "--help")
    assert " ".join(command.help.split()[:4]) in " ".join(listed.split())
    assert code == 0
    assert command.help in " ".join(out.split())


@pytest.mark.parametrize(("words", "command"), ALL, ids=[" ".join(words) for words, _ in ALL])
def test_each_command_helps_with_an_example(tocsin, words, command):
    """The help of every command ends with a line that can be typed, and that names the command."""
    code, out, _ = tocsin(*words, "--help")
    assert code == 0
    assert "Example: tocsin" in " ".join(out.split())
    assert command.example.startswith(" ".join(("tocsin", *words)))


def test_the_sandbox_helps_with_faults(tocsin):
    """Three requests that take a system away stand in its help as they can be typed, and the sandbox takes them."""
    faults = re.findall(r"curl -d '(\{.*?\})' \$S/sandbox/faults", " ".join(tocsin("sandbox", "--help")[1].split()))
    assert len(faults) == 3
    systems = {each.system.name: each.system for each in stand_ins(DEFAULT_WORLD)}
    assert all(parse(json.loads(fault), systems) for fault in faults)


def test_the_version_is_told(tocsin):
    """`--version` is one line on standard output."""
    code, out, err = tocsin("--version")
    assert (code, err) == (0, "")
    assert out.startswith("tocsin ")


@pytest.mark.parametrize(
    "arguments",
    [
        ["nonsense"],
        ["raise"],
        ["raise", "x", "--severity", "6"],
        ["raise", " "],
        ["raise", "x", "--detection-source", "rumour"],
        ["raise", "x", "--first-known-at", "yesterday"],
        ["incidents", "show", "7"],
        ["incidents", "list", "--limit", "0"],
        ["sandbox", "--keep"],
        ["sandbox", "--demo", "--http-only"],
        ["sandbox", "--demo", "--services-only"],
        ["sandbox", "--http-only", "--env-file", "x"],
        ["sandbox", "--latency", "awful"],
        ["intake", "--port", "70000"],
    ],
    ids=" ".join,
)
def test_wrong_use_is_two_with_a_sentence_on_standard_error(tocsin, arguments):
    """What the person must say otherwise is told, and nothing was begun."""
    code, out, err = tocsin(*arguments)
    assert (code, out) == (2, "")
    assert err
    assert "Traceback" not in err


@pytest.mark.parametrize("arguments", [["intake"], ["work"], ["incidents", "list"], ["raise", "x"], ["roster", "list"]])
def test_wrong_settings_are_two_and_named_together(tocsin, monkeypatch, arguments):
    """All that is wrong with the settings is told at once, in one sentence."""
    monkeypatch.setenv("TOCSIN_SLOTS", "none")
    monkeypatch.setenv("TOCSIN_BOARDS_URL", "boards")
    code, out, err = tocsin(*arguments)
    assert (code, out) == (2, "")
    assert "TOCSIN_SLOTS" in err
    assert "TOCSIN_BOARDS_URL" in err
    assert len(err.splitlines()) == 1


def test_missing_settings_are_two(tocsin):
    """A command that needs the store says which variables would name it."""
    code, _, err = tocsin("incidents", "list")
    assert code == 2
    assert "TOCSIN_TABLES_CONNECTION_STRING or TOCSIN_TABLES_ENDPOINT" in err


def test_what_failed_is_one_with_a_sentence(tocsin):
    """A failure that no other use or setting prevents is exit code 1, without a traceback."""
    code, out, err = tocsin("roster", "import", "nothing.csv")
    assert (code, out) == (1, "")
    assert err == "tocsin: nothing.csv cannot be read: No such file or directory.\n"


@pytest.mark.parametrize(
    ("text", "words"),
    [("{", "cannot be used"), ('{"UserConfig": {"Namespaces": [{"Name": "x", "Queues": []}]}}', "names no queue")],
)
def test_a_wrong_queue_configuration_is_two(tocsin, tmp_path, text, words):
    """The sandbox starts nothing with a configuration that it cannot follow."""
    (tmp_path / "queues.json").write_text(text)
    code, _, err = tocsin("sandbox", "--queues", "queues.json")
    assert code == 2
    assert words in err


@pytest.mark.parametrize("command", [("raise", "Checkout is down"), ("incidents", "list"), ("roster", "list")])
def test_a_connection_string_that_cannot_be_read_is_wrong_settings(tocsin, monkeypatch, command):
    """Whoever mistyped it gets a sentence and no traceback, whatever the command connects to."""
    monkeypatch.setenv("TOCSIN_SERVICEBUS_CONNECTION_STRING", "x")
    monkeypatch.setenv("TOCSIN_TABLES_CONNECTION_STRING", "y")
    code, out, err = tocsin(*command)
    assert (code, out) == (2, "")
    assert "cannot be used" in err
