"""Our own signature: HMAC-SHA256 over `<timestamp>.<body>`, for any sender that can compute one."""

import re

from worker.intake.authentication.signed_body import Scheme

TOCSIN = Scheme(
    header="X-Tocsin-Signature",
    form=re.compile(r"sha256=([0-9a-fA-F]{64})"),
    timestamp_header="X-Tocsin-Timestamp",
    separator=b".",
    needs_timestamp=True,
    description="`sha256=` and HMAC-SHA256 in hexadecimal over `<X-Tocsin-Timestamp>.<body>`, in seconds since 1970.",
)
