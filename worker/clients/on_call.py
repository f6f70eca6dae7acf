"""The table of on-call people: who is to be woken for a service."""

from pydantic import BaseModel


class Person(BaseModel, frozen=True):
    """Someone on call. `object_id` is the Entra id, for mentions; `boards_identity` is used where it is not the e-mail."""

    name: str
    email: str
    role: str = ""
    order: int = 0
    object_id: str | None = None
    boards_identity: str | None = None


class OnCall(BaseModel, frozen=True):
    """Who is on call for a service; `note` is a sentence for people, loud when nobody was found."""

    people: tuple[Person, ...] = ()
    service: str = ""
    from_default: bool = False
    note: str = ""
