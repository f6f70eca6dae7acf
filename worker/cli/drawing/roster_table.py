"""The on-call table as people see it."""

from collections.abc import Sequence

from rich.table import Table
from rich.text import Text

from worker.oncall.rows import Row


def roster_table(rows: Sequence[Row]) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="dim")
    # Who uses neither column shall not lose the width.
    reached = [name for name in ("phone", "paging") if any(getattr(row, name) for row in rows)]
    for name in ("service", "on call", "name", "email", "role", *reached):
        table.add_column(name, overflow="fold")
    for row in sorted(rows, key=lambda row: (row.service.casefold(), not row.oncall, row.rank)):
        table.add_row(
            Text(row.service),
            Text("yes", style="green") if row.oncall else Text("no", style="dim"),
            Text(row.name),
            Text(row.email),
            Text(row.role),
            *(Text(getattr(row, name)) for name in reached),
        )
    return table
