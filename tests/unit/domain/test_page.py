"""What was tried to reach a person, in words."""

from worker.domain.page import Page, Paged


def page(name, by, *, told):
    return Page(person=f"{name}@contoso.example", name=name, by=by, told=told, answer="said", why="You are on call.")


def test_those_who_were_told_come_first():
    """Each with the way; of the others it is said that it was not by this one."""
    pages = (page("Ada", "sms", told=False), page("Bo", "chat", told=True), page("Ada", "mention", told=True))
    assert Paged(pages=pages).words == "Bo by chat, Ada by mention, Ada not by sms"
    assert Paged().words == ""
