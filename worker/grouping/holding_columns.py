"""The columns of an identity's row: who holds it, and which ends were told of it."""

import json
from typing import Any

from pydantic import TypeAdapter

from worker.domain.alert_record import AlertRecord
from worker.grouping.holdings import Holding, Holdings
from worker.storage.rows import Row

# Each in a column of its own, since a property ends at 32 Ki characters.
_OTHER, _ENDED = "other_", "ended_"
# Of an earlier release, which knew one end.
_ONE_END = "ended"

_HOLDING: TypeAdapter[Holding] = TypeAdapter(Holding)
_END: TypeAdapter[AlertRecord] = TypeAdapter(AlertRecord)


def holding_columns(holdings: Holdings) -> dict[str, Any]:
    first = holdings.first
    columns: dict[str, Any] = {"keys": json.dumps(first.keys, ensure_ascii=False), "service": first.service}
    columns |= {"sender": first.sender} if first.sender is not None else {}
    columns |= {"opener": first.opener} if first.opener else {}
    columns |= {f"{_OTHER}{place}": _HOLDING.dump_json(each).decode() for place, each in enumerate(holdings.others)}
    return columns | {f"{_ENDED}{place}": _END.dump_json(each).decode() for place, each in enumerate(holdings.ended)}


def read_holdings(row: Row) -> Holdings:
    keys = tuple(json.loads(row["keys"]))
    first = Holding(row.get("sender"), row.get("service", ""), keys, row.get("opener", ""))
    others = tuple(_HOLDING.validate_json(each) for each in _columns(row, _OTHER))
    one = [row[_ONE_END]] if _ONE_END in row else []
    return Holdings(first, others, tuple(_END.validate_json(each) for each in (*one, *_columns(row, _ENDED))))


def _columns(row: Row, beginning: str) -> list[str]:
    """In the order in which they were written."""
    places = [name.removeprefix(beginning) for name in row if name.startswith(beginning)]
    return [row[beginning + place] for place in sorted(filter(str.isdecimal, places), key=int)]
