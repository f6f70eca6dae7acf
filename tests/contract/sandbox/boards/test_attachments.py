"""Attachments on the Boards stand-in: uploaded, related, downloaded and refused as the service does."""

import uuid

import pytest

OCTETS = "application/octet-stream"
UPLOAD = "/Incidents/_apis/wit/attachments?fileName=notes.txt"


def related(url):
    return {"op": "add", "path": "/relations/-", "value": {"rel": "AttachedFile", "url": url}}


async def test_a_file_is_uploaded_related_and_downloaded(organisation, conforms):
    """The relation tells its name and size, in the published shape."""
    made = (await organisation.send("POST", UPLOAD, b"Found it.", OCTETS)).json()
    conforms("AttachmentReference", made)
    item = await organisation.create()
    answer = await organisation.patch(item.id, related(made["url"]))
    [relation] = answer.json()["relations"]
    assert {name: relation["attributes"][name] for name in ("name", "resourceSize")} == {
        "name": "notes.txt",
        "resourceSize": 9,
    }
    conforms("WorkItem", answer.json())
    download = await organisation.http.get(relation["url"])
    assert (download.content, download.headers["Content-Type"]) == (b"Found it.", OCTETS)
    again = await organisation.patch(item.id, related(made["url"]))
    assert (again.status_code, again.json()["typeKey"]) == (400, "RelationAlreadyExistsException")


@pytest.mark.parametrize(
    ("path", "content", "kind", "status"),
    [
        ("/Incidents/_apis/wit/attachments", b"x", OCTETS, 400),
        ("/_apis/wit/attachments?fileName=a/b", b"x", OCTETS, 400),
        (f"/_apis/wit/attachments?fileName={'x' * 256}", b"x", OCTETS, 400),
        (f"{UPLOAD}&uploadType=Chunked", b"x", OCTETS, 400),
        (UPLOAD, b"x", "text/plain", 415),
        (UPLOAD, b"x" * 1_000_001, OCTETS, 400),
    ],
)
async def test_what_is_no_upload_is_refused(organisation, path, content, kind, status):
    """Without a name, too large, in pieces or of another kind it is not kept."""
    assert (await organisation.send("POST", path, content, kind)).status_code == status


@pytest.mark.parametrize(
    ("url", "status"), [("https://x.example/notes.txt", 400), (f"x/_apis/wit/attachments/{uuid.UUID(int=7)}", 404)]
)
async def test_only_what_was_uploaded_is_related(organisation, url, status):
    """An address elsewhere, and a file that there is not, are refused."""
    item = await organisation.create()
    assert (await organisation.patch(item.id, related(url))).status_code == status


@pytest.mark.parametrize("name", [str(uuid.UUID(int=7)), "x"])
async def test_an_unknown_file_is_not_found(organisation, name):
    """Whatever it is asked for by."""
    answer = await organisation.http.get(f"{organisation.url}/_apis/wit/attachments/{name}")
    assert (answer.status_code, answer.json()["typeKey"]) == (404, "AttachmentNotFoundException")
