"""Lists of Graph's, page by page: what one page shows, and where the next one is."""

from dataclasses import dataclass
from functools import partial
from typing import Any

from kiota_abstractions.base_request_configuration import RequestConfiguration

from worker.clients.answers import objects_of, text_of
from worker.clients.outcomes import Answers
from worker.clients.teams.graph import GRAPH, Graph
from worker.domain.errors import Transient
from worker.resilience.rate_limit import FREE, Turn


@dataclass(frozen=True, slots=True)
class Page:
    """`following` is the address of the next page, `delta` that of later changes; each is empty where there is none."""

    shown: list[dict[str, Any]]
    following: str = ""
    delta: str = ""


def asking(query: Any) -> RequestConfiguration[Any]:
    return RequestConfiguration(query_parameters=query)


async def read_page(
    graph: Graph, trying: str, listing: Any, query: Any, answers: Answers, *, turn: Turn = FREE
) -> Page:
    """Without a query, the address of the listing holds it already; raises as every remote call does."""
    request = partial(listing.to_get_request_information, query and asking(query))
    page = await graph.read(trying, request, answers, turn)
    if (shown := objects_of(page, "value")) is None:
        # Read as an empty list it would let something be made again.
        raise Transient(f"Tried to {trying}; {GRAPH} answered without a list.")
    return Page(shown, text_of(page, "@odata.nextLink"), text_of(page, "@odata.deltaLink"))


async def read_pages(
    graph: Graph, trying: str, listing: Any, query: Any, answers: Answers, *, most: int, turn: Turn = FREE
) -> list[dict[str, Any]]:
    """All that so many pages show."""
    found: list[dict[str, Any]] = []
    for _ in range(most):
        page = await read_page(graph, trying, listing, query, answers, turn=turn)
        found += page.shown
        if not page.following:
            break
        listing, query = listing.with_url(page.following), None
    return found
