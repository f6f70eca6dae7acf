"""The review as one file: the document, the same for programs, and the messages as they were read."""

import io
import json
import zipfile
from collections.abc import Mapping

from worker.incidents.review.markdown import markdown_of
from worker.incidents.review.review import Review
from worker.incidents.review.sources import ReviewSources

# The earliest that a ZIP file can tell: the same review makes the same bytes.
_NO_TIME = (1980, 1, 1, 0, 0, 0)
_FOR_ITS_OWNER = 0o600 << 16


def bundle_of(review: Review, sources: ReviewSources) -> bytes:
    messages = [line.model_dump(mode="json") for line in sources.lines]
    name = review.incident.incident_id
    return _zipped(
        {
            f"{name}.md": markdown_of(review, sources.zone),
            f"{name}.json": review.to_json() + "\n",
            f"{name}-messages.json": json.dumps(messages, indent=2, ensure_ascii=False) + "\n",
        }
    )


def _zipped(files: Mapping[str, str]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            info = zipfile.ZipInfo(name, _NO_TIME)
            info.compress_type, info.external_attr = zipfile.ZIP_DEFLATED, _FOR_ITS_OWNER
            archive.writestr(info, text)
    return made.getvalue()
