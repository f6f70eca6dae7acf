"""Where commands write: data on standard output, the rest beside it; what stands in an alert is text, never markup."""

from rich.console import Console


def stdout_console() -> Console:
    return Console(highlight=False, markup=False, emoji=False)


def stderr_console() -> Console:
    return Console(stderr=True, highlight=False, markup=False, emoji=False, soft_wrap=True)
