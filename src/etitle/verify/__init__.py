"""Flow in: evidence, checks, verdict."""
