"""Whom to believe: bundle, revocation list, local store."""
