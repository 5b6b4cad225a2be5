"""Whom to believe: bundle, status list, local store."""
