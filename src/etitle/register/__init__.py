"""The record of what was issued: ledger, batches, photos, publication."""
