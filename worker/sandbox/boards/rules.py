"""Rules that an administrator lays upon a type: what they ask of a change, and how it is refused."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from worker.sandbox.boards.process import WorkItemType
from worker.sandbox.boards.refusal import Refusal, invalid_value, not_in_list, rule_error

STATE = "System.State"
REASON = "System.Reason"
REQUIRE, FORBID, READ_ONLY = KINDS = ("require", "forbid", "read-only")


@dataclass(frozen=True)
class Rule:
    """`require`: the field has a value in the state. `forbid`: the state is not reached, or not from another one.

    `read-only`: the field keeps its value while the item is in the state. An empty state is any.
    """

    rule: str
    type: str
    field: str = ""
    state: str = ""
    came_from: str = ""

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    def refusal(self, kind: WorkItemType, before: Mapping[str, Any], after: Mapping[str, Any]) -> Refusal | None:
        """What the change is answered with; `before` is empty where an item is created. None where it is allowed."""
        match self.rule:
            case "require" if self._holds_in(after) and not after.get(self.field):
                return rule_error(self.field, kind.field(self.field).name, "Required, InvalidEmpty")
            case "forbid" if self._leads_there(before, after):
                return not_in_list(STATE, "State", after[STATE])
            case "read-only" if before and self._holds_in(before) and before.get(self.field) != after.get(self.field):
                return invalid_value(self.field, "ReadOnly")
        return None

    def asks_for_reason(self, state: object) -> bool:
        return self.rule == REQUIRE and self.field == REASON and self.state in ("", state)

    def _holds_in(self, fields: Mapping[str, Any]) -> bool:
        return self.state in ("", fields.get(STATE))

    def _leads_there(self, before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
        if after.get(STATE) != self.state or before.get(STATE) == self.state:
            return False
        return self.came_from in ("", before.get(STATE))


def check(rules: Iterable[Rule], kind: WorkItemType, *, before: Mapping[str, Any], after: Mapping[str, Any]) -> None:
    """Raise the first refusal."""
    for rule in rules:
        if refusal := rule.refusal(kind, before, after):
            raise refusal
