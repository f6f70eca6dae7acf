"""The list of incidents as people see it."""

from collections.abc import Sequence

from rich.table import Table
from rich.text import Text

from worker.history import History
from worker.incident import clean_line
from worker.launch_view import LAUNCH_STYLES, local, spell

_WIDTHS = {"incident": 14, "state": 9, "sev": 3, "received": 21, "took": 7}
_GAP = 2
_SHORTEST_TITLE = 10


def incidents_table(found: Sequence[History], *, width: int) -> Table:
    """As wide as that, from seventy-five columns on: a title gives way, an id never does."""
    table = Table(box=None, padding=(0, _GAP, 0, 0), pad_edge=False, header_style="dim")
    for name, columns in _WIDTHS.items():
        table.add_column(name, width=columns, no_wrap=True)
    rest = width - sum(columns + _GAP for columns in _WIDTHS.values())
    table.add_column("title", width=max(rest, _SHORTEST_TITLE), no_wrap=True, overflow="ellipsis")
    for history in found:
        table.add_row(
            history.incident_id,
            Text(history.state.value, style=LAUNCH_STYLES[history.state]),
            str(history.event.severity.value),
            local(history.received_at, "%Y-%m-%d %H:%M %Z"),
            spell(history.launched_at - history.received_at) if history.launched_at else "",
            Text(clean_line(history.event.title)),
        )
    return table
