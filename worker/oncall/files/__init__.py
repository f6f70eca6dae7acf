"""Files of definitions, in YAML, JSON, TOML or CSV: read with each fault at its line, written in the same shape."""
