"""The steps of a launch; `playbook` is their table of contents."""
