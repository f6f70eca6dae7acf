"""What the examples of alerts become, and `python golden.py`, which writes it down by the present code."""

import json

from alert_examples import FOLDER, NAMES, example, findings

from worker.alerts.detection import detect
from worker.alerts.format import Ignored

GOLDEN = FOLDER.parent / "golden"


def written(finding):
    if isinstance(finding, Ignored):
        return {"ignored": finding.reason}
    return finding.model_dump(mode="json", exclude={"raw"}, exclude_defaults=True)


def becomes(payload):
    return {"format": detect(payload), "findings": [written(finding) for finding in findings(payload)]}


def write(folder):
    """Nothing stays written down for what is no longer there."""
    for stale in {path.stem for path in folder.glob("*.json")} - set(NAMES):
        (folder / f"{stale}.json").unlink()
    for name in NAMES:
        text = json.dumps(becomes(example(name)), indent=2, ensure_ascii=False)
        (folder / f"{name}.json").write_text(f"{text}\n")


if __name__ == "__main__":
    write(GOLDEN)
