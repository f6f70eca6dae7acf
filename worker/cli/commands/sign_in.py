"""`tocsin sign-in`: the person in whose name the delegated route posts."""

from datetime import datetime

import typer
from azure.core.exceptions import AzureError

from worker.clients.posting.sign_in import sign_in as signed_in
from worker.clients.posting.sign_in import sign_in_file
from worker.domain.errors import Forbidden
from worker.domain.text import quoted
from worker.settings import Settings


def sign_in() -> None:
    """Use an account made for this: what it posts stands under its name. The sign-in is kept in the file that
    TOCSIN_DELEGATED_TOKEN_CACHE names and in files beside it, so run it as the worker's own user, on its volume.
    """
    settings = Settings.read()
    try:
        account = signed_in(settings, _prompt)
    except (AzureError, ValueError) as error:  # the SDK's for what can be no tenant or client id
        raise Forbidden(
            f"Nobody was signed in ({quoted(str(error))}). Run this again and enter the code in time; the app "
            "registration must allow public client flows."
        ) from error
    kept = sign_in_file(settings)
    typer.echo(f"{account} is signed in, which is kept in {kept}*; `tocsin doctor` tells whether it may post.")


def _prompt(address: str, code: str, until: datetime) -> None:
    typer.echo(f"Open {address} and enter the code {code} before {until.astimezone():%H:%M %Z}.", err=True)
