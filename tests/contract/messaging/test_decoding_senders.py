"""What each SDK and each service of Azure puts into the queue, through the real SDK, and what it becomes here."""

import base64
import gzip
import json
import zlib
from datetime import timedelta
from pathlib import Path

import pytest
from azure.servicebus import ServiceBusMessage
from azure.servicebus.amqp import AmqpAnnotatedMessage, AmqpMessageProperties
from queue_bench import QueueBench

from worker.domain.errors import Undecodable
from worker.domain.settlement import Complete, RetryLater
from worker.messaging.decoding import Decoder

# The SDK leaves the sockets of broken connections to the garbage collector, which is noisy about it.
pytestmark = [
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

BODIES = Path(__file__).with_name("bodies")
TITLE = "Checkout is down"
EVENT = {"title": TITLE, "severity": 2, "service": "checkout"}
TEXT = json.dumps(EVENT)
BYTES = TEXT.encode()
LONG = json.dumps(EVENT | {"description": "Nobody in EU can pay. " * 200})
NAMESPACE = "http://schemas.microsoft.com/2003/10/Serialization/"


def binary_xml(content, *, name="string", small=0x98, chunk=60_000):
    """As .NET's binary writer makes it: each record with the shortest length that holds it, the last with its end."""
    head = b"\x40" + bytes([len(name)]) + name.encode() + b"\x08" + bytes([len(NAMESPACE)]) + NAMESPACE.encode()
    parts = [content[place : place + chunk] for place in range(0, len(content), chunk)]
    records = [
        bytes([small + 2 * (len(part) > 255) + (part is parts[-1])])
        + len(part).to_bytes(2 if len(part) > 255 else 1, "little")
        + part
        for part in parts
    ]
    return head + b"".join(records)


def java(mark, content, width=2):
    return b"\xac\xed\x00\x05" + mark + len(content).to_bytes(width, "big") + content


def data(*sections, **properties):
    return AmqpAnnotatedMessage(data_body=list(sections), properties=AmqpMessageProperties(**properties))


def value(content, **properties):
    return AmqpAnnotatedMessage(value_body=content, properties=AmqpMessageProperties(**properties))


def sent(body, content_type=None, **properties):
    return ServiceBusMessage(body, content_type=content_type, application_properties=properties)


def dumped(content):
    return json.dumps(content)


def in_base_64(text):
    return base64.b64encode(text.encode()).decode()


CLOUDEVENT = {"specversion": "1.0", "id": "1", "source": "checkout-api", "type": "com.dapr.event.sent"}
JAVA_BYTES = b"ur\x00\x02[B\xac\xf3\x17\xf8\x06\x08T\xe0\x02\x00\x00xp"
AZURE_EVENT = {
    "id": "1",
    "topic": "/subscriptions/s/resourceGroups/shop",
    "subject": "/providers/Microsoft.Compute/virtualMachines/web-1",
    "eventType": "Microsoft.Resources.ResourceWriteSuccess",
    "eventTime": "2026-03-02T09:15:04Z",
    "data": {},
    "dataVersion": "2",
    "metadataVersion": "1",
}
HOOK = {"eventType": "build.complete", "publisherId": "tfs", "resource": {"result": "failed"}, "id": "2"}

# Each: the message, and the titles of its events.
UNDERSTOOD = {
    # .NET
    "WindowsAzure.ServiceBus, string": (sent(binary_xml(BYTES)), [TITLE]),
    "WindowsAzure.ServiceBus, long string": (sent(binary_xml(LONG.encode())), [TITLE]),
    "WindowsAzure.ServiceBus, string in pieces": (sent(binary_xml(LONG.encode(), chunk=1_000)), [TITLE]),
    "WindowsAzure.ServiceBus, UTF-16 records": (sent(binary_xml(TEXT.encode("utf-16-le"), small=0xB6)), [TITLE]),
    "WindowsAzure.ServiceBus, byte[]": (sent(binary_xml(BYTES, name="base64Binary", small=0x9E)), [TITLE]),
    "WindowsAzure.ServiceBus, stream": (sent(BYTES), [TITLE]),
    "Azure Pipelines, PublishToAzureServiceBus": (
        sent((BODIES / "dotnet-string.bin").read_bytes(), "System.String"),
        ["Release gate failed"],
    ),
    "Azure DevOps, a string that holds JSON of JSON": (sent(binary_xml(dumped(TEXT).encode())), [TITLE]),
    "Azure DevOps, a service hook": (sent(binary_xml(dumped(HOOK).encode())), ["Build failed"]),
    "DataContractSerializer, XML": (
        sent(f'<string xmlns="{NAMESPACE}">{TEXT.replace(chr(34), "&quot;")}</string>', "application/xml"),
        [TITLE],
    ),
    "DataContractSerializer, XML of bytes": (
        sent(f'<?xml version="1.0"?><base64Binary xmlns="{NAMESPACE}">{in_base_64(TEXT)}</base64Binary>'),
        [TITLE],
    ),
    "Microsoft.Azure.ServiceBus, UTF-8": (sent(BYTES, "application/json"), [TITLE]),
    "Azure.Messaging.ServiceBus, names as in C#": (
        sent(dumped({"Title": TITLE, "Severity": 2, "Service": "checkout", "DetectionSource": "Support"})),
        [TITLE],
    ),
    "Encoding.Unicode": (sent((BODIES / "utf16.bin").read_bytes()), ["UTF-16 body"]),
    "Encoding.Unicode without a mark": (sent(TEXT.encode("utf-16-le")), [TITLE]),
    "Encoding.BigEndianUnicode": (sent("\ufeff".encode("utf-16-be") + TEXT.encode("utf-16-be")), [TITLE]),
    "Encoding.UTF32": (sent(TEXT.encode("utf-32")), [TITLE]),
    "NServiceBus": (
        sent(b"\xef\xbb\xbf" + dumped(EVENT | {"$type": "Contoso.Alert, Contoso"}).encode(), "application/json"),
        [TITLE],
    ),
    "MassTransit": (
        sent(
            dumped({"messageId": "1", "messageType": ["urn:message:Contoso:Alert"], "message": EVENT, "headers": {}}),
            "application/vnd.masstransit+json",
        ),
        [TITLE],
    ),
    "Newtonsoft, byte[] with its type": (
        sent(dumped({"$type": "System.Byte[], mscorlib", "$value": in_base_64(TEXT)})),
        [TITLE],
    ),
    # Java
    "azure-messaging-servicebus for Java": (sent(BYTES), [TITLE]),
    "Qpid JMS, TextMessage": (value(TEXT), [TITLE]),
    "Qpid JMS, TextMessage, from a file": (value((BODIES / "value-body.json").read_text()), ["AMQP value body"]),
    "Qpid JMS, BytesMessage": (data(BYTES, content_type="application/octet-stream"), [TITLE]),
    "Qpid JMS, MapMessage": (value(EVENT), [TITLE]),
    "Qpid JMS, ObjectMessage of a String": (
        data(java(b"t", BYTES), content_type="application/x-java-serialized-object"),
        [TITLE],
    ),
    "Qpid JMS, ObjectMessage of a long String": (data(java(b"|", LONG.encode(), width=8)), [TITLE]),
    "Qpid JMS, ObjectMessage of bytes": (data(java(JAVA_BYTES, BYTES, width=4)), [TITLE]),
    "Qpid JMS, StreamMessage": (AmqpAnnotatedMessage(sequence_body=[[TEXT]]), [TITLE]),
    # JavaScript, Go, Python
    "@azure/service-bus, object": (sent(TEXT), [TITLE]),
    "@azure/service-bus, string of JSON": (sent(dumped(TEXT)), [TITLE]),
    "@azure/service-bus, names as in JavaScript": (
        sent(dumped({"title": TITLE, "detectionSource": "support", "severity": 2})),
        [TITLE],
    ),
    "Node, a Buffer through JSON.stringify": (sent(dumped({"type": "Buffer", "data": list(BYTES)})), [TITLE]),
    "azservicebus for Go": (data(BYTES), [TITLE]),
    "azservicebus for Go, AMQP binary value": (value(BYTES), [TITLE]),
    "Python, several data sections": (data(BYTES[:10], BYTES[10:20], BYTES[20:]), [TITLE]),
    "Python, a section for each event": (data(BYTES, BYTES), [TITLE, TITLE]),
    "Python, a sequence of maps": (AmqpAnnotatedMessage(sequence_body=[[EVENT], [EVENT, EVENT]]), [TITLE] * 3),
    "Python, over HTTP": (sent(BYTES, "application/atom+xml;type=entry;charset=utf-8"), [TITLE]),
    # Azure's services
    "Functions, output binding, string in string": (sent(dumped(TEXT), "text/plain"), [TITLE]),
    "Functions, output binding, a whole message": (
        sent(dumped({"body": EVENT, "contentType": "application/json", "applicationProperties": {}})),
        [TITLE],
    ),
    "Functions, output binding, a whole message of .NET": (
        sent(dumped({"Body": in_base_64(TEXT), "MessageId": "1", "TimeToLive": "1.00:00:00", "Subject": None})),
        [TITLE],
    ),
    "Functions, several in a list of strings": (sent(dumped([TEXT, TEXT])), [TITLE, TITLE]),
    "Logic Apps, base 64": (sent(in_base_64(TEXT)), [TITLE]),
    "Logic Apps, base 64 in quotes": (sent(dumped(in_base_64(TEXT)), "application/json"), [TITLE]),
    "Logic Apps, a message of its trigger": (
        sent(dumped({"ContentData": in_base_64(TEXT), "ContentType": "application/json", "MessageId": "1"})),
        [TITLE],
    ),
    "Logic Apps, a file": (
        sent(dumped({"$content-type": "application/octet-stream", "$content": in_base_64(TEXT)})),
        [TITLE],
    ),
    "Stream Analytics, on lines": (sent(f"{TEXT}\r\n{TEXT}\r\n"), [TITLE, TITLE]),
    "Stream Analytics, as an array": (sent(f"[{TEXT}\n,{TEXT}]"), [TITLE, TITLE]),
    "Stream Analytics, one": (sent(f"{TEXT}\n"), [TITLE]),
    "IoT Hub, the device's own body": (sent(BYTES, "application/json", **{"iothub-enqueuedtime": "x"}), [TITLE]),
    "IoT Hub, a charset where compression is said": (data(TEXT.encode("utf-16"), content_encoding="utf-16"), [TITLE]),
    "IoT Hub, as Event Grid tells it": (
        sent(dumped({"properties": {}, "systemProperties": {}, "body": in_base_64(TEXT)})),
        [TITLE],
    ),
    "API Management, send-service-bus-message": (sent(TEXT), [TITLE]),
    "Event Grid, a batch of CloudEvents": (
        sent(dumped([CLOUDEVENT | {"data": EVENT}, CLOUDEVENT | {"id": "2", "data": EVENT}])),
        [TITLE, TITLE],
    ),
    "Event Grid, what is no alert": (sent(dumped([AZURE_EVENT])), []),
    "Dapr": (sent(dumped(CLOUDEVENT | {"data": EVENT, "pubsubname": "p", "topic": "t"})), [TITLE]),
    "Dapr, without a content type": (
        sent(dumped(CLOUDEVENT | {"data": TEXT, "datacontenttype": "text/plain"}), "application/cloudevents+json"),
        [TITLE],
    ),
    # Compressed, and in other encodings
    "gzip, declared by a property": (
        sent(gzip.compress(BYTES), "application/json", **{"Content-Encoding": "gzip"}),
        [TITLE],
    ),
    "gzip, declared by AMQP": (data(gzip.compress(BYTES), content_encoding="gzip"), [TITLE]),
    "gzip, by its content type": (sent(gzip.compress(BYTES), "application/gzip"), [TITLE]),
    "gzip, undeclared": (sent(gzip.compress(BYTES)), [TITLE]),
    "gzip, as a value": (value(gzip.compress(BYTES)), [TITLE]),
    "gzip, in base 64": (sent(base64.b64encode(gzip.compress(BYTES))), [TITLE]),
    "gzip, in .NET's bytes": (sent(binary_xml(gzip.compress(BYTES), name="base64Binary", small=0x9E)), [TITLE]),
    "gzip, declared and made plain on its way": (sent(BYTES, **{"content-encoding": "gzip"}), [TITLE]),
    "deflate": (sent(zlib.compress(BYTES), content_encoding="deflate"), [TITLE]),
    "Latin-1": (sent('{"title": "Größe"}'.encode("latin-1"), "application/json; charset=ISO-8859-1"), ["Größe"]),
    "Windows-1252, undeclared": (sent('{"title": "Größe: 5 €"}'.encode("cp1252")), ["Größe: 5 €"]),
    "Windows-1251": (
        sent('{"title": "Диск"}'.encode("cp1251"), 'text/plain; charset="windows-1251"'),
        ["Диск"],
    ),
    "Shift JIS": (sent('{"title": "障害"}'.encode("shift_jis"), "application/json;charset=Shift_JIS"), ["障害"]),
    "CloudEvent in gzip, its attributes beside it": (
        sent(
            gzip.compress(BYTES),
            "application/json",
            **{f"cloudEvents:{name}": each for name, each in CLOUDEVENT.items()},
            **{"content-encoding": "gzip"},
        ),
        [TITLE],
    ),
}

# Each: the message, and some of the words of its dead letter.
REFUSED = {
    "empty": (sent(b""), "The body is empty"),
    "empty by the portal": (value(None), "The body is empty"),
    "XML": (sent("<alert><title>x</title></alert>"), "like XML"),
    "SOAP": (sent('<?xml version="1.0"?>\n<s:Envelope xmlns:s="x"/>'), "SOAP"),
    "HTML": (sent("<!DOCTYPE html><html><title>Sign in</title></html>"), "HTML page"),
    "a form": (sent("title=x&severity=1"), "a form"),
    "plain text": (sent("Checkout is down, call somebody"), "plain text"),
    "YAML": (sent("title: x\nseverity: 1\n"), "YAML"),
    "CSV": (sent("title,severity\nx,1\n"), "CSV"),
    "single quotes": (sent("{'title': 'x', 'severity': 1}"), "json.dumps"),
    "an object's name in JavaScript": (sent("[object Object]"), "JSON.stringify"),
    "a type's name in .NET": (sent("System.Collections.Generic.Dictionary"), "ToString"),
    "cut off": (sent(TEXT[:-9]), "cut off"),
    "protobuf": (sent(b"\x0a\x10Checkout is down\x10\x02\x1a\x08checkout\x00\x00"), "protobuf"),
    "Avro": (sent(b"Obj\x01\x04\x14avro.codec\x08null\x00"), "Avro"),
    "an image": (sent(b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"), "an image"),
    "damaged gzip": (sent(gzip.compress(BYTES)[:-9]), "damaged"),
    "a bomb": (sent(gzip.compress(bytes(30_000_000))), "more than is read"),
    "zstd": (sent(b"\x28\xb5\x2f\xfd\x04\x00\x00\x00"), "zstd"),
    "a coding that is not read": (sent(b"\x8b\x02\x80", **{"content-encoding": "br"}), "gzip or deflate"),
    "encrypted": (sent("-----BEGIN PGP MESSAGE-----\n\nhQEMA\n"), "encrypted"),
    "a number": (sent("42"), "JSON number"),
    "a string": (sent('"ok"'), "JSON string"),
    "a boolean": (value(True), "true"),
    "an empty array": (sent("[]"), "empty JSON array"),
    "an array of words": (sent('["a", "b"]'), "array without objects"),
    "an object of .NET": (
        sent(b"\x40\x05Alert\x08\x2fhttp://schemas.datacontract.org/2004/07/Contoso\x01"),
        "DataContractSerializer",
    ),
    "an object of Java": (sent(b"\xac\xed\x00\x05sr\x00\x09com.Alert"), "Java"),
    "a string of .NET that breaks off": (sent(binary_xml(BYTES)[:-20]), "breaks off"),
    "a message that lost its body in Functions": (
        sent(dumped({"Body": {}, "MessageId": "1", "TimeToLive": "x"})),
        "Azure Functions",
    ),
    "MassTransit without a message": (
        sent(dumped({"messageId": "1", "conversationId": "2", "messageType": ["urn:message:X"]})),
        "MassTransit",
    ),
    "an e-mail": (sent(dumped({"subject": "Re: lunch", "from": "a@b.example", "to": "c@d.example"})), "e-mail"),
    "a subject of something else": (sent(dumped({"subject": "orders/1", "kind": "order"})), "subject, kind"),
    "one of several that is no event": (sent(dumped([EVENT, {"caption": "x"}])), "1.title"),
}


@pytest.fixture
async def bench(tmp_path):
    async with QueueBench(tmp_path) as bench:
        yield bench


async def test_what_every_sender_puts_around_an_event_is_taken_off(bench):
    """Whatever SDK or service sends it, and however it is used, the event is the one that was meant."""
    await bench.put(*(message for message, _ in UNDERSTOOD.values()))
    slot, read = bench.receiver(), {}
    for name in UNDERSTOOD:
        message = await bench.take(slot)
        try:
            read[name] = [event.title for event in Decoder().events_of(message)]
        except Undecodable as error:
            read[name] = str(error)
        await slot.settle(message, Complete())
    assert read == {name: titles for name, (_, titles) in UNDERSTOOD.items()}


async def test_of_the_rest_the_dead_letter_says_what_it_looks_like(bench):
    """Nothing else becomes an incident, and the sentence names what came and what the sender can change."""
    await bench.put(*(message for message, _ in REFUSED.values()))
    slot = bench.receiver()
    for name, (_, words) in REFUSED.items():
        message = await bench.take(slot)
        with pytest.raises(Undecodable) as refusal:
            pytest.fail(f"{name} became {Decoder().events_of(message)}")
        sentence = str(refusal.value)
        assert words in sentence, name
        assert sentence.startswith("The message is not an event"), name
        assert sentence.endswith("."), name
        assert len(sentence) < 600, name
        await slot.settle(message, Complete())


async def test_a_copy_of_what_is_compressed_is_read_as_well(bench):
    """How the body is compressed goes along with a copy, wherever its sender said it."""
    await bench.put(data(zlib.compress(BYTES), content_encoding="deflate"))
    slot = bench.receiver()
    await slot.settle(await bench.take(slot), RetryLater(timedelta(milliseconds=1), "slow"))
    [event] = Decoder().events_of(await bench.take(slot))
    assert event.title == TITLE
