"""How long a test waits for what has to come: no busy machine decides an outcome, and only a failure waits so long."""

from datetime import timedelta

# Seconds: half of what pytest gives a whole test, so that a failure says what did not come.
LIMIT = 60.0
PATIENCE = timedelta(seconds=LIMIT)
