"""That nobody on call has been told, in words."""

from handlers.launch.untold import untold, untold_mark
from worker.domain.page import LAST_RESORT, Page

MISSED = Page(person="e", name="Edda", by="mention", told=False, answer="not in the team", why="You are on call.")
TOLD = MISSED.model_copy(update={"told": True})
RESORT = TOLD.model_copy(update={"name": "Lea", "level": LAST_RESORT})


def test_nothing_is_said_before_anything_was_tried_or_once_somebody_was_told():
    """Nor is there a mark."""
    for pages in ((), (MISSED, TOLD)):
        assert (untold(pages), untold_mark(pages)) == ("", "")


def test_that_nobody_was_told_is_loud_and_gives_the_reasons():
    """Five of them."""
    assert untold([MISSED]) == "NOBODY HAS BEEN TOLD (Edda: not in the team). Call somebody yourself."
    assert untold([MISSED] * 9).count("not in the team") == 5
    missed = RESORT.model_copy(update={"told": False})
    assert untold([missed]) == "NOBODY HAS BEEN TOLD (Lea: not in the team). Call somebody yourself."


def test_the_last_resort_is_named_as_what_it_is():
    """Whoever is on call has still not been told."""
    assert untold([MISSED, RESORT]) == (
        "Nobody on call could be told (Edda: not in the team). Told instead, as the last resort: Lea."
    )
    assert untold([RESORT]) == "Nobody on call could be told. Told instead, as the last resort: Lea."


def test_the_mark_tells_one_from_another():
    """And is the same for the same."""
    assert untold_mark([MISSED]) == untold_mark([MISSED])
    assert untold_mark([MISSED]) != untold_mark([MISSED, RESORT])
