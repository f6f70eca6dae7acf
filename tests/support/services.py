"""What tests need beside Python, such as a browser: where it is missing a person's run skips them, and CI's fails."""

import os
from typing import NoReturn

import pytest

# Without the prefix of Tocsin's settings: a variable with it that Tocsin does not read is told of as mistyped.
REQUIRED = "TESTS_REQUIRE_SERVICES"


def skip_or_fail(missing: str) -> NoReturn:
    """End the test, or every test of the fixture that calls this."""
    if os.environ.get(REQUIRED):
        pytest.fail(f"{missing} With {REQUIRED} no test is skipped for that.", pytrace=False)
    pytest.skip(missing)
