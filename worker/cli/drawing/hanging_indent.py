"""Lines beside a mark or under a heading, wrapped within the window and without blanks at their ends."""

from rich.console import Console
from rich.text import Text


def print_hanging(console: Console, lead: Text, words: Text) -> None:
    """The words beside the lead, and what does not fit beneath themselves."""
    indent = Text(" " * lead.cell_len)
    for number, line in enumerate(words.wrap(console, max(console.width - lead.cell_len, 1))):
        line.rstrip()
        console.print(Text.assemble(indent if number else lead, line), soft_wrap=True)
