"""`tocsin intake-key`: a new key for one sender."""

import hashlib
import re
import secrets
from typing import Annotated

import typer

_NAME = re.compile(r"[\w.:@-]{1,64}")


def intake_key(
    name: Annotated[str, typer.Argument(help="The sender, as it stands in the log: azure-monitor.")],
) -> None:
    """The key is shown this once; the intake knows its hash alone. Add the entry to TOCSIN_INTAKE_KEYS, separated by a
    comma. To change a key leave the old entry of the same name in place until the sender has the new one.
    """
    if not _NAME.fullmatch(name):
        raise typer.BadParameter("letters, digits and .:@_- make a name, 64 of them at most", param_hint="NAME")
    # As long as a routing key of PagerDuty, so that tools which check that take it, and fit for any header or address.
    key = secrets.token_hex(16)
    typer.echo("The key, for the sender; it is not shown again:", err=True)
    typer.echo(key)
    typer.echo("The entry in TOCSIN_INTAKE_KEYS of the intake:", err=True)
    typer.echo(f"{name}={hashlib.sha256(key.encode()).hexdigest()}")
