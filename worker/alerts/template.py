"""The payload of a sender that has none of its own: people paste a template of ours there, which says its version."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from worker.alerts.format import Mark, NotThisFormat
from worker.domain.validation import Fault

_FIELD = "schema"
_VERSION = re.compile(r"[\w.]{1,20}")


def unset_is_absent(unset: re.Pattern[str]) -> Callable[[str], str]:
    """Reads a field; `unset`: a variable without a value, which arrives as it is written in the template."""
    return lambda value: "" if unset.fullmatch(value.strip()) else value


@dataclass(frozen=True, slots=True)
class Template:
    """`schema` is that of the version that is read, as `tocsin-zabbix/1`; `remedy` says what to do with its file."""

    format_name: str
    schema: str
    remedy: str

    @property
    def mark(self) -> Mark:
        """Borne by other versions too, which are refused by their names."""
        return Mark(f"{_FIELD} {self.schema}", lambda payload: self._is_a_version(payload.get(_FIELD)))

    def check(self, schema: str) -> None:
        """Raises NotThisFormat where a payload is of another template."""
        if schema == self.schema:
            return
        is_other = self._is_a_version(schema)
        wrong = f"is the template {schema}, and {self.schema} is read" if is_other else f"must be {self.schema}"
        raise NotThisFormat(self.format_name, [Fault(_FIELD, f"{wrong}: {self.remedy}")])

    def check_if_said(self, schema: str) -> None:
        """As `check`, of a payload that need not be of a template."""
        if self._is_a_version(schema):
            self.check(schema)

    def _is_a_version(self, schema: object) -> bool:
        family = self.schema.rpartition("/")[0] + "/"
        if not isinstance(schema, str) or not schema.startswith(family):
            return False
        return _VERSION.fullmatch(schema.removeprefix(family)) is not None
