"""Definitions in few words, for tables that tests fill."""

from worker.oncall.reading.build import build
from worker.oncall.reading.given_definitions import GivenDefinitions

# The same account as Azurite's, where nobody answers.
NOWHERE = (
    "DefaultEndpointsProtocol=http;AccountName=devstoreaccount1;AccountKey=a2V5;"
    "TableEndpoint=http://127.0.0.1:9/devstoreaccount1;"
)


def definitions(**given):
    return build(GivenDefinitions.model_validate(given))


def week(*people, **columns):
    """A schedule of one layer, with more of its columns."""
    layer = {"name": "week", "people": list(people), "starts": "2026-01-05T09:00", "every": "1 week", **columns}
    return {"time_zone": "Europe/Berlin", "layers": [layer]}
