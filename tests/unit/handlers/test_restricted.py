"""Nothing that anybody wrote of a restricted incident is shown where others than its members read."""

from datetime import UTC, datetime

import pytest

from handlers.launch.announcement import Known, announcement
from handlers.launch.work_item_description import description, title
from handlers.response.item_block import LeftBehind, with_block
from handlers.trouble.wording import as_message
from worker.domain.event import Event
from worker.domain.incident import Incident
from worker.domain.launch_report import Report, Trouble
from worker.domain.response.actor import CLOCK
from worker.domain.response.response import Impact, PersonRef, Response, RoleSpan, UpdateSent

AT = datetime(2027, 5, 5, 10, tzinfo=UTC)
SECRET = "xyzzy"


def an_incident(*, restricted):
    event = Event(
        title=SECRET,
        description=SECRET,
        impact=SECRET,
        links=({"href": f"https://contoso.example/{SECRET}", "text": SECRET},),
        labels={SECRET: SECRET},
        resources=(SECRET,),
        raw={SECRET: SECRET},
        service="checkout",
        restricted=restricted,
    )
    return Incident(key="k-1", event=event, received_at=AT)


def a_response(incident):
    ada = PersonRef(person="ada", name="Ada")
    return Response(
        incident_id=incident.id,
        since=AT,
        severity=2,
        title=SECRET,
        state="declined",
        owner=ada,
        phase=SECRET,
        impact=Impact(text=SECRET, services=(SECRET,), regions=(SECRET,), stated_at=AT, stated_by="ada"),
        last_update=UpdateSent(at=AT, by="ada", phase=SECRET, text=SECRET),
        declined_because=SECRET,
        roles=(RoleSpan(role="sme", topic=SECRET, person=ada, since=AT, given_by=CLOCK),),
        restricted=incident.event.restricted,
    )


SHOWN = {
    "card": lambda incident, response: announcement(incident, Known(response=response)),
    "description": lambda incident, _: description(incident),
    "title": lambda incident, _: title(incident),
    "block": lambda _, response: with_block("", response, LeftBehind(1, 2, "Done")),
    "trouble": lambda incident, _: as_message(incident, Report(trouble=Trouble.WAITS)),
}


@pytest.mark.parametrize("shown", SHOWN.values(), ids=SHOWN)
@pytest.mark.parametrize("restricted", [True, False])
def test_what_stands_in_a_channel_or_on_a_work_item_hides_it(shown, restricted):
    """Of any other incident it is all there."""
    incident = an_incident(restricted=restricted)
    text = str(shown(incident, a_response(incident)))
    assert (SECRET in text) is not restricted


def test_the_card_says_how_its_members_read_it():
    """Who has it and how it stands is no secret."""
    incident = an_incident(restricted=True)
    text = str(announcement(incident, Known(response=a_response(incident))))
    for words in ("Restricted incident", f"tocsin incidents show {incident.id}", "Ada", "Declined", "checkout"):
        assert words in text
