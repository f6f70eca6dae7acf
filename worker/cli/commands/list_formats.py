"""`tocsin formats list`: what can be read here, and by what it is known."""

import json as json_format

from pydantic import BaseModel
from rich.text import Text

from worker.alerts.formats import known_formats
from worker.cli.consoles import stdout_console
from worker.cli.drawing.hanging_indent import print_hanging
from worker.cli.json_output import print_json
from worker.cli.output_options import Json
from worker.intake.addresses import address_of
from worker.settings import Settings

_BUILT_IN = "built in"


class ListedFormat(BaseModel, frozen=True):
    """The shape of `--json`, to which fields may be added."""

    name: str
    address: str
    looked_for: str
    defined: str


def list_formats(*, json: Json = False) -> None:
    """In the order in which they are tried on a payload that does not say what it is."""
    house = Settings.read().formats
    places = {each.format.name: each.place for each in house}
    listed = [
        ListedFormat(
            name=name,
            address=address_of(name),
            looked_for=each.mark.looked_for,
            defined=places.get(name, _BUILT_IN),
        )
        for name, each in known_formats(house).items()
    ]
    if json:
        print_json(json_format.dumps([each.model_dump() for each in listed], indent=2, ensure_ascii=False))
        return
    console = stdout_console()
    for each in listed:
        console.print(Text(each.name, style="bold"))
        for name, value in each.model_dump(exclude={"name"}).items():
            print_hanging(console, Text(f"  {name.replace('_', ' '):<12}", style="dim"), Text(value))
