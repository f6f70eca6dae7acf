"""Grafana's signature: HMAC-SHA256 over the body, or over `<timestamp>:<body>` where its contact point says so.

Without a timestamp a copy of a request holds for ever; what it tells is an alert that has an identity of its own.
"""

import re

from worker.intake.authentication.signed_body import Scheme

GRAFANA = Scheme(
    header="X-Grafana-Alerting-Signature",
    form=re.compile(r"([0-9a-fA-F]{64})"),
    timestamp_header="X-Grafana-Alerting-Timestamp",
    separator=b":",
    needs_timestamp=False,
    description="As Grafana signs; set its timestamp header to X-Grafana-Alerting-Timestamp.",
)
