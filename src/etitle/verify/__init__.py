"""Verification: from an input and a question to a verdict."""
