"""What people wrote about who is on call, made into definitions: the same shape in a file and in the table's rows."""
