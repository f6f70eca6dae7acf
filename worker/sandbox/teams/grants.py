"""Which permissions the application was granted: all that are played, until a control takes one away."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from worker.sandbox.teams.callers import Caller
from worker.sandbox.teams.refusals import Refused

ARCHIVE_CHANNELS = "ChannelSettings.ReadWrite.All"
ADD_MEMBERS = "TeamMember.ReadWrite.All"
READ_MEMBERS = "TeamMember.Read.Group"
READ_MESSAGES = "ChannelMessage.Read.Group"
PLAYED = (ARCHIVE_CHANNELS, ADD_MEMBERS, READ_MEMBERS, READ_MESSAGES)


class Grants:
    def __init__(self) -> None:
        self._given = dict.fromkeys(PLAYED, True)

    def require(self, *sufficient: str, caller: Caller) -> None:
        """Refuse an application what none of these permissions allows; a person brings permissions of their own."""
        if not caller.delegated and not any(self._given[permission] for permission in sufficient):
            roles = ", ".join(permission for permission, given in self._given.items() if given)
            needed = ", ".join(sufficient)
            raise Refused(
                403,
                "Forbidden",
                f"Missing role permissions on the request. API requires one of '{needed}'. "
                f"Roles on the request '{roles}'.",
            )

    def change(self, given: Mapping[str, bool]) -> None:
        self._given |= given

    def state(self) -> dict[str, bool]:
        return dict(self._given)

    @staticmethod
    def unknown(names: Iterable[str]) -> list[str]:
        return [name for name in names if name not in PLAYED]
