"""The border to Table Storage: incidents, leases, checkpoints, and what is kept beside them."""
