"""The configuration file of the official emulator, as far as this stand-in goes with it."""

import json
from datetime import timedelta

import pytest

from worker.sandbox.service_bus.config import QueueConfigInvalid, QueueSettings, load_queues

PROPERTIES = {
    "LockDuration": "PT30S",
    "MaxDeliveryCount": 10,
    "DefaultMessageTimeToLive": "P1DT1H",
    "DeadLetteringOnMessageExpiration": True,
    "RequiresDuplicateDetection": True,
    "DuplicateDetectionHistoryTimeWindow": "PT5M",
    "RequiresSession": False,
    "ForwardTo": "",
    "ForwardDeadLetteredMessagesTo": "",
}


def config(*queues, **namespace):
    namespaces = [{"Name": "sbemulatorns", "Queues": list(queues), **namespace}]
    return json.dumps({"UserConfig": {"Namespaces": namespaces, "Logging": {"Type": "Console"}}})


def queue(name="incidents", **properties):
    return {"Name": name, "Properties": {**PROPERTIES, **properties}}


def faults(text):
    with pytest.raises(QueueConfigInvalid) as error:
        load_queues(text)
    assert all(fault in str(error.value) for fault in error.value.faults)
    return error.value.faults


def test_every_setting_of_a_queue_is_read():
    """Each property has its place in the settings."""
    assert load_queues(config(queue())) == (
        QueueSettings(
            name="incidents",
            lock_duration=timedelta(seconds=30),
            max_delivery_count=10,
            default_time_to_live=timedelta(days=1, hours=1),
            dead_lettering_on_expiration=True,
            requires_duplicate_detection=True,
            duplicate_detection_window=timedelta(minutes=5),
        ),
    )


def test_a_queue_without_properties_has_the_emulators_defaults():
    """The same file makes the same queue here and there."""
    assert load_queues(config({"Name": "incidents"})) == (QueueSettings("incidents"),)


def test_several_queues_keep_their_order():
    """As many as the file names, each with its own settings."""
    loaded = load_queues(config(queue("b", MaxDeliveryCount=1), queue("a", MaxDeliveryCount=2), Topics=[]))
    assert [(each.name, each.max_delivery_count) for each in loaded] == [("b", 1), ("a", 2)]


def test_the_longest_duration_of_the_real_service_is_read():
    """Exported settings of real queues hold it, with its seven digits of a second."""
    [loaded] = load_queues(config(queue(DefaultMessageTimeToLive="P10675199DT2H48M5.4775807S")))
    assert loaded.default_time_to_live.days == 10_675_199


def test_a_byte_order_mark_is_no_fault():
    """Editors on Windows put one there."""
    assert len(load_queues("\ufeff" + config(queue()))) == 1


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("LockDuration", "five", "valid duration"),
        ("LockDuration", 60, "valid duration"),
        ("LockDuration", "PT6M", "less than or equal to 5 minutes"),
        ("LockDuration", "-PT1M", "greater than or equal to 1 second"),
        ("MaxDeliveryCount", 0, "greater than or equal to 1"),
        ("MaxDeliveryCount", "3", "valid integer"),
        ("DefaultMessageTimeToLive", "PT0S", "greater than or equal to 1 second"),
        ("DuplicateDetectionHistoryTimeWindow", "P8D", "less than or equal to 7 days"),
        ("DeadLetteringOnMessageExpiration", "yes", "valid boolean"),
        ("RequiresDuplicateDetection", None, "valid boolean"),
        ("RequiresSession", True, "has no sessions"),
        ("ForwardTo", "other", "does not forward"),
        ("ForwardDeadLetteredMessagesTo", "other", "does not forward"),
        ("LockDuraton", "PT1M", "no such field"),
    ],
)
def test_a_wrong_or_unsupported_property_is_named(field, value, said):
    """The way to the field, and what is wrong with it, in one sentence."""
    [fault] = faults(config(queue(**{field: value})))
    assert fault.startswith(f"UserConfig.Namespaces[0].Queues[0].Properties.{field}: ")
    assert said in fault


def test_all_faults_are_named_together():
    """Nobody mends a file one fault at a time."""
    found = faults(config(queue(LockDuration="PT6M", RequiresSession=True), queue("b", MaxDeliveryCount=0)))
    assert [fault.split(":")[0].rpartition(".")[2] for fault in found] == [
        "LockDuration",
        "RequiresSession",
        "MaxDeliveryCount",
    ]


@pytest.mark.parametrize("name", ["", "a b", "-a", "a/", "incidents/$deadletterqueue", "a" * 261, "a\n", "größe"])
def test_a_name_that_is_none_is_refused(name):
    """What the real service refuses, and what would collide with the dead letters."""
    [fault] = faults(config(queue(name)))
    assert fault.startswith("UserConfig.Namespaces[0].Queues[0].Name: ")
    assert len(fault) < 400


def test_names_are_unlike_in_any_case():
    """Two queues that differ in case only are one queue to every client."""
    [fault] = faults(config(queue("Incidents"), queue("incidents")))
    assert "'incidents'" in fault


def test_topics_are_refused():
    """This stand-in has queues only, and says so rather than ignoring them."""
    [fault] = faults(config(queue(), Topics=[{"Name": "t"}]))
    assert fault == "UserConfig.Namespaces[0].Topics: this stand-in has queues only; take the topics out."


@pytest.mark.parametrize("count", [0, 2])
def test_there_is_one_namespace(count):
    """As with the emulator; none would be a sandbox without queues."""
    text = json.dumps({"UserConfig": {"Namespaces": [{"Name": "n", "Queues": []}] * count}})
    [fault] = faults(text)
    assert fault == f"UserConfig.Namespaces: there must be exactly one namespace, and there are {count}."


@pytest.mark.parametrize("text", ["", "{", "[]", "null", "3", '{"UserConfig": {}}', "{}", '{"UserConfig": ' * 100_000])
def test_anything_else_is_refused_with_a_sentence(text):
    """No file, however wrong, ends in a traceback."""
    [fault] = faults(text)
    assert fault.endswith(".")
    assert len(fault) < 400
