"""What is wrong with who is on call, before a night shows it: a file for each kind of finding."""
