"""What the steps before have come to, as their checkpoints hold it."""

from handlers.launch.create_work_item import WorkItem
from worker.oncall.on_call import OnCall, Person
from worker.sandbox.world import DEFAULT_WORLD

WORK_ITEM = WorkItem(id=131, url="https://dev.azure.example/contoso/_workitems/edit/131", rev=1)


def people(*numbers, looked_up=True, **columns):
    """Those on call, by their numbers in the world; `columns` are what their rows say besides."""
    return OnCall(people=tuple(_person(number, looked_up, columns) for number in numbers), service="checkout")


def _person(number, looked_up, columns):
    known = DEFAULT_WORLD.people[number]
    directory = {"object_id": known.entra_id, "in_directory": True} if looked_up else {}
    return Person(**{"name": known.name, "email": known.email, "phone": known.phone, **directory, **columns})
