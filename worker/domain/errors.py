"""Every failure Tocsin speaks of, split by what the caller does next.

TocsinError
├── Transient            not applied; worth another attempt (may say when: retry_after)
│   ├── Throttled        the remote system asks for patience
│   ├── Unreachable      nobody answered, or the connection never stood
│   ├── Held             another worker has the right to act
│   └── Interrupted      this worker is stopping; what is left goes to another one
├── Unknown              may have been applied: look before trying again
└── Permanent            no attempt will ever succeed
    ├── Undecodable      the message is not an event
    ├── Rejected         the remote system refuses this very request
    ├── Forbidden        the credentials or grants do not suffice
    ├── Misconfigured    a setting is wrong or missing
    ├── Gone             what the step builds on was deleted
    └── Undecided        may have been applied, is not to be found, and a person shall decide

Messages are sentences for the person who reads the dead letter at three in the morning: what was tried, on what,
what came back, what to do.
"""

from datetime import timedelta

from worker.domain.masking import masked


class TocsinError(Exception):
    """The root: its text is a sentence that may be shown to an operator, without secrets.

    `retry_after` is the earliest moment, from now, at which another attempt makes sense, where somebody said so.
    `outage`: the remote system was down for everybody, which is not the fault of the incident at hand.
    """

    def __init__(self, message: str, *, retry_after: timedelta | None = None) -> None:
        super().__init__(masked(message))
        self.retry_after = retry_after
        self.outage = False


class Transient(TocsinError):
    pass


class Throttled(Transient):
    pass


class Unreachable(Transient):
    pass


class Held(Transient):
    pass


class Interrupted(Transient):
    pass


class Unknown(TocsinError):
    pass


class Permanent(TocsinError):
    pass


class Undecodable(Permanent):
    pass


class Rejected(Permanent):
    pass


class Forbidden(Permanent):
    pass


class Misconfigured(Permanent):
    pass


class Gone(Permanent):
    pass


class Undecided(Permanent):
    pass
