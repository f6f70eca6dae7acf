"""That nobody on call has been told, as the announcement says it; nothing once anybody was."""

import hashlib
from collections.abc import Iterable

from worker.domain.page import LAST_RESORT, Page

_NAMED = 5


def untold(pages: Iterable[Page]) -> str:
    """With what each way answered, and who was told instead; empty as long as nothing has been tried."""
    known = list(pages)
    on_call = [page for page in known if page.level != LAST_RESORT]
    instead = [page.name for page in known if page.level == LAST_RESORT and page.told]
    if any(page.told for page in on_call) or not known:
        return ""
    reasons = "; ".join(f"{page.name}: {page.answer}" for page in (on_call or known)[:_NAMED] if not page.told)
    because = f" ({reasons})" if reasons else ""
    if instead:
        return f"Nobody on call could be told{because}. Told instead, as the last resort: {', '.join(instead)}."
    return f"NOBODY HAS BEEN TOLD{because}. Call somebody yourself."


def untold_mark(pages: Iterable[Page]) -> str:
    """Which of it a card says, in a word."""
    said = untold(pages)
    return f"untold:{hashlib.sha256(said.encode()).hexdigest()[:8]}" if said else ""
