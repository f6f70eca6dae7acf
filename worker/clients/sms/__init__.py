"""SMS by Azure Communication Services: the way to a person whom no chat reaches."""
