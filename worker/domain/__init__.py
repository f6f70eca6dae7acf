"""The words: event, incident, checkpoint, lease, settlement, errors; pure, and importing nothing of ours."""
