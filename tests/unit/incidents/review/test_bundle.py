"""The review as one file."""

import io
import json
import zipfile

from reviewed import becomes, the_review, the_sources

from worker.incidents.review.bundle import bundle_of


def test_the_file_holds_the_document_the_same_for_programs_and_the_messages():
    """What can be had apart is in it, byte by byte."""
    with zipfile.ZipFile(io.BytesIO(bundle_of(the_review(), the_sources()))) as archive:
        files = {name: archive.read(name).decode() for name in archive.namelist()}
    assert files["inc-4h7k2m9xqz.md"] == becomes()["review.md"]
    assert files["inc-4h7k2m9xqz.json"] == becomes()["review.json"]
    assert [each["id"] for each in json.loads(files["inc-4h7k2m9xqz-messages.json"])] == list("123456")


def test_the_same_review_makes_the_same_bytes():
    """Whenever it is made."""
    assert bundle_of(the_review(), the_sources()) == bundle_of(the_review(), the_sources())
