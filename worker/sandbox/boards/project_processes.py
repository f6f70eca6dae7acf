"""The processes of the projects as their administrators made them: chosen, with states and rules of their own."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, replace
from typing import Any

from worker.sandbox.boards.process import Process, State, WorkItemType
from worker.sandbox.boards.processes import BASIC, COLORS, PROCESSES
from worker.sandbox.boards.rules import Rule

STATES_LIMIT = 32
RULES_LIMIT = 100


class BadChange(ValueError):
    """What an administrator asked for is not possible; the sentence is for them, `field` is what is wrong."""

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(sentence)
        self.field = field


class Processes:
    """Each project has a process of its own; all begin as the same."""

    def __init__(self, projects: Iterable[str], first: Process = BASIC) -> None:
        self._processes: dict[str, Process] = dict.fromkeys(projects, first)
        self._rules: dict[str, tuple[Rule, ...]] = dict.fromkeys(self._processes, ())

    def of(self, project: str) -> Process:
        return self._processes[project]

    def type_of(self, project: str, name: str) -> WorkItemType:
        """Of a work item that is there; one made before the project took another process keeps its type."""
        processes = (self.of(project), *PROCESSES.values())
        found = next((kind for process in processes if (kind := process.type_named(name))), None)
        if found is None:
            raise LookupError(f"The sandbox's state has a work item of the type {name}, which it does not know.")
        return found

    def rules_of(self, project: str, name: str) -> list[Rule]:
        return [rule for rule in self._rules[project] if rule.type == name]

    def choose(self, project: str, name: object) -> None:
        """Whatever was changed in the process before is gone, the rules too."""
        process = PROCESSES.get(str(name).casefold())
        if process is None:
            known = ", ".join(each.name for each in PROCESSES.values())
            raise BadChange("process", f"There is no process {str(name)[:40]!r}; there are {known}.")
        self._processes[project] = process
        self._rules[project] = ()

    def add_state(self, project: str, kind: WorkItemType, state: State, *, after: str | None) -> None:
        """Put it behind the one of that name, else behind the last of its category, as the process editor does."""
        if len(kind.states) >= STATES_LIMIT:
            raise BadChange("add", f"A type has up to {STATES_LIMIT} states.")
        self._check_new(kind, state.name, "add")
        place = self._place_after(kind, after) if after else _end_of(kind, state.category)
        self._put(project, kind, (*kind.states[:place], state, *kind.states[place:]))

    def rename_state(self, project: str, kind: WorkItemType, old: str, new: str) -> None:
        self._known(kind, old, "rename")
        self._check_new(kind, new, "to")
        renamed = (replace(each, name=new) if each.name == old else each for each in kind.states)
        self._put(project, kind, tuple(renamed))
        self._rules[project] = tuple(_renamed(rule, kind, old, new) for rule in self._rules[project])

    def remove_state(self, project: str, kind: WorkItemType, name: str) -> None:
        self._known(kind, name, "remove")
        if len(kind.states) == 1:
            raise BadChange("remove", "A type keeps at least one state.")
        self._put(project, kind, tuple(each for each in kind.states if each.name != name))

    def add_rule(self, project: str, rule: Rule) -> None:
        if len(self._rules[project]) >= RULES_LIMIT:
            raise BadChange("rule", f"A project has up to {RULES_LIMIT} rules.")
        self._rules[project] += (rule,)

    def clear_rules(self, project: str) -> None:
        self._rules[project] = ()

    def state(self) -> dict[str, Any]:
        return {
            project: {
                "process": process.name,
                "states": {kind.name: [asdict(state) for state in kind.states] for kind in process.types},
                "rules": [rule.as_json() for rule in self._rules[project]],
            }
            for project, process in self._processes.items()
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        for project, kept in state.items():
            self.choose(project, kept["process"])
            for kind in self.of(project).types:
                if states := kept["states"].get(kind.name):
                    self._put(project, kind, tuple(State(**each) for each in states))
            self._rules[project] = tuple(Rule(**rule) for rule in kept["rules"])

    def _put(self, project: str, kind: WorkItemType, states: tuple[State, ...]) -> None:
        self._processes[project] = self._processes[project].with_states(kind, states)

    def _known(self, kind: WorkItemType, name: str, field: str) -> None:
        if name not in kind.state_names:
            there = ", ".join(kind.state_names)
            raise BadChange(field, f"The type {kind.name} has no state {name[:128]!r}; it has {there}.")

    def _check_new(self, kind: WorkItemType, name: str, field: str) -> None:
        if name.casefold() in [each.casefold() for each in kind.state_names]:
            raise BadChange(field, f"The type {kind.name} has a state {name!r} already.")

    def _place_after(self, kind: WorkItemType, name: str) -> int:
        self._known(kind, name, "after")
        return kind.state_names.index(name) + 1


def _end_of(kind: WorkItemType, category: str) -> int:
    order = list(COLORS)
    before = [each for each in kind.states if order.index(each.category) <= order.index(category)]
    return len(before)


def _renamed(rule: Rule, kind: WorkItemType, old: str, new: str) -> Rule:
    if rule.type != kind.name:
        return rule
    return replace(
        rule,
        state=new if rule.state == old else rule.state,
        came_from=new if rule.came_from == old else rule.came_from,
    )
