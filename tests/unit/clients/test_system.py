"""The remote systems of the worker: each is defined once, and played in the sandbox under the name that it has here."""

import importlib
import pkgutil

from worker import clients
from worker.clients.entra import ENTRA
from worker.clients.sms.client import SMS
from worker.clients.system import System
from worker.sandbox.stand_ins import stand_ins
from worker.sandbox.world import DEFAULT_WORLD

# Without a stand-in: the sandbox's own settings say that nobody signs in, and name no sender of SMS.
NOT_PLAYED = {ENTRA.name, SMS.name}


def systems():
    """Every system that a module of the clients defines, however many others import it."""
    modules = (
        importlib.import_module(each.name) for each in pkgutil.walk_packages(clients.__path__, "worker.clients.")
    )
    found = {id(value): value for module in modules for value in vars(module).values() if isinstance(value, System)}
    return list(found.values())


def test_every_remote_system_is_defined_once():
    """No two systems share a name, by which metrics and breakers would count them as one, or what sentences say."""
    names, spoken = ({getattr(each, field) for each in systems()} for field in ("name", "spoken"))
    assert len(names) == len(spoken) == len(systems()) > 1


def test_every_remote_system_is_played_under_its_name():
    """A client without a stand-in, or one of another name, is noticed here and not in the first rehearsal."""
    played = {each.system.name for each in stand_ins(DEFAULT_WORLD)}
    assert {each.name for each in systems()} - NOT_PLAYED <= played


def test_a_sentence_says_the_spoken_name():
    """In the text of an error a system is what people call it."""
    assert f"{System('graph', 'Microsoft Graph')} answered 503" == "Microsoft Graph answered 503"
