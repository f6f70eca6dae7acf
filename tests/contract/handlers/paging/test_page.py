"""The step that pages people by the ways of their own."""

from launch_results import people

from handlers.launch.find_on_call import FindOnCall
from handlers.paging.page import PagePeople
from worker.domain.event import Severity
from worker.domain.page import Paged
from worker.engine.step import Done
from worker.oncall.on_call import OnCall


async def test_each_person_is_paged_by_each_of_their_ways(incident, open_ways, phones, chat_of):
    """The row of one says it, the default of the other; a mention is not this step's."""
    own = people(0, paging="1=sms+webhook:pager").people
    done = Done({FindOnCall: OnCall(people=(*own, *people(1).people), service="checkout")})
    step = PagePeople(open_ways("mention+chat"))
    made = [await part.run(incident, done) for part in step.parts(incident, done)]
    assert step.gather(made).words == "Amara Okafor by sms, Amara Okafor by webhook:pager, Bruno Costa by chat"
    assert (len(phones.sms.messages), len(phones.pager.calls), len(chat_of(1))) == (1, 1, 1)
    assert chat_of(0) == []


async def test_a_severity_may_wake_by_more(incident, open_ways):
    """What the setting says for a critical one is not done for a lesser one."""
    done = Done({FindOnCall: people(0)})
    step = PagePeople(open_ways("1-2=mention+sms, 3-5=mention"))
    event = incident.event.model_copy(update={"severity": Severity.MEDIUM})
    lesser = incident.model_copy(update={"event": event})
    assert [part.by for part in step.parts(incident, done)] == ["sms"]
    assert step.without_effect(lesser, done) == Paged()


async def test_the_parts_are_the_same_in_every_attempt(incident, open_ways):
    """By labels of their own."""
    done = Done({FindOnCall: people(0, 1, 2)})
    labels = [[part.label for part in PagePeople(open_ways()).parts(incident, done)] for _ in range(2)]
    assert labels[0] == labels[1]
    assert len(set(labels[0])) == len(labels[0]) == 9


async def test_with_nobody_to_page_there_is_nothing_to_do(team, incident, open_ways, phones):
    """Without a request."""
    done = Done({FindOnCall: OnCall()})
    assert PagePeople(open_ways()).without_effect(incident, done) == Paged()
    assert team.server.requests.listing() == phones.server.requests.listing() == []
