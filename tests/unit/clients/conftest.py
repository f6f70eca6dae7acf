"""What the tests of the clients need to import them."""

import pytest


def pytest_configure(config: pytest.Config) -> None:
    """Let the Graph SDK be imported: it deprecates its own generated classes where it defines them."""
    for module in ("msgraph", "kiota_abstractions"):
        config.addinivalue_line("filterwarnings", f"ignore::DeprecationWarning:{module}")
