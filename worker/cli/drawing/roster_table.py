"""The on-call table as people see it."""

from collections.abc import Sequence

from rich.table import Table
from rich.text import Text

from worker.oncall.rows import Row


def roster_table(rows: Sequence[Row]) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="dim")
    for name in ("service", "on call", "name", "email", "role"):
        table.add_column(name, overflow="fold")
    for row in sorted(rows, key=lambda row: (row.service.casefold(), not row.oncall, row.rank)):
        table.add_row(
            Text(row.service),
            Text("yes", style="green") if row.oncall else Text("no", style="dim"),
            Text(row.name),
            Text(row.email),
            Text(row.role),
        )
    return table
