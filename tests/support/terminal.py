"""A terminal in Berlin, in which commands of ours are typed."""

import contextlib
import io
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from kept_logging import kept_logging

from worker.__main__ import main

WIDTH = 110

Type = Callable[[Sequence[str]], str]


@contextlib.contextmanager
def terminal(folder: Path, **environment: str) -> Iterator[Type]:
    """Runs the words behind `tocsin` there, and gives what it shows, output and errors as they come."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        for name, value in {**environment, "COLUMNS": str(WIDTH), "TZ": "Europe/Berlin"}.items():
            patch.setenv(name, value)
        time.tzset()

        def type_words(words: Sequence[str]) -> str:
            shown = io.StringIO()
            patch.setattr(sys, "argv", ["tocsin", *words])
            with (
                contextlib.redirect_stdout(shown),
                contextlib.redirect_stderr(shown),
                kept_logging(),
                contextlib.suppress(SystemExit),
            ):
                main()
            return shown.getvalue()

        yield type_words
    time.tzset()
