"""What the steps that page have in common: a part for each person by each way, and the pages that come of them."""

from abc import ABC
from collections.abc import Sequence

from worker.domain.page import Page, Paged
from worker.engine.step import Fan


class PagingStep(Fan[Paged], ABC):
    contingent = True
    result = Paged

    def describe(self, result: Paged) -> str:
        return result.words

    def gather(self, made: Sequence[Page]) -> Paged:
        return Paged(pages=tuple(made))
