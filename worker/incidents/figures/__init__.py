"""How long things took, of one incident and of many: never a lone mean, and what is unknown is not zero."""
