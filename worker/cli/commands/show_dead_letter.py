"""`tocsin dead-letters show`: one dead letter whole."""

import asyncio
import json
from typing import Annotated

import typer

from worker.cli.consoles import stdout_console
from worker.cli.dead_letter_options import read_filter
from worker.cli.drawing.dead_letter_tables import Clock, print_page
from worker.cli.json_output import print_json
from worker.cli.operator_context import OperatorContext, open_operator_context
from worker.cli.output_options import Json, Utc
from worker.cli.shared_options import with_options_of
from worker.dead_letters.browse import DecodedLetter
from worker.dead_letters.details import LetterPage, exported
from worker.dead_letters.filter import Filter, matching
from worker.dead_letters.replay import Replay
from worker.domain.audit import operator
from worker.domain.errors import Gone, TocsinError


@with_options_of(read_filter)
def show_dead_letter(
    wanted: Filter,
    *,
    limit: Annotated[int, typer.Option(min=1, help="The oldest so many.")] = 1,
    json: Json = False,
    utc: Utc = False,
) -> None:
    pages, more = asyncio.run(_pages(wanted, limit))
    if json:
        _print_json(pages)
    else:
        _print(pages, utc=utc)
    if more:
        typer.echo("There are more like this: --limit shows them, `tocsin dead-letters list` lists them.", err=True)


async def _pages(wanted: Filter, limit: int) -> tuple[list[LetterPage], bool]:
    pages: list[LetterPage] = []
    async with open_operator_context() as context:
        async for decoded, _ in matching(context.dead_letters, wanted):
            if len(pages) == limit:
                return pages, True
            pages.append(await _page(context, decoded))
    if not pages:
        raise Gone("There is no such dead letter. `tocsin dead-letters list` lists what there is.")
    return pages, False


async def _page(context: OperatorContext, decoded: DecodedLetter) -> LetterPage:
    letter = exported(decoded)
    replay = Replay(context.sender, context.stores, who=operator())
    planned = replay.plan(decoded)
    try:
        history = await context.stores.incidents.history(letter.incident_id) if letter.incident_id else None
        audit = await context.stores.audit.read(letter.incident_id)
        planned = await replay.check(planned)
    except TocsinError as error:
        return LetterPage(letter=letter, replay=planned.outcome, trouble=str(error))
    ours = [record for record in audit if letter.incident_id or _is_about(record.details, letter.sequence_number)]
    return LetterPage(letter=letter, replay=planned.outcome, history=history, audit=ours)


def _is_about(details: dict[str, object], sequence: int) -> bool:
    return details.get("sequence_number") == sequence


def _print_json(pages: list[LetterPage]) -> None:
    print_json(json.dumps({"dead_letters": [page.model_dump(mode="json") for page in pages]}, indent=2))


def _print(pages: list[LetterPage], *, utc: bool) -> None:
    for page in pages:
        print_page(stdout_console(), page, Clock(utc=utc))
