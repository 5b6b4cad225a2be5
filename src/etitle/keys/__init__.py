"""Public keys, suites, signers."""
