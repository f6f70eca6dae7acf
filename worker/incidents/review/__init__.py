"""What happened, on one axis of time: alerts, launch, calls, response, the channel's messages, the work item."""
