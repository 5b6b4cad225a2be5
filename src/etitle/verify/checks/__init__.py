"""Each check in one place: a question with one answer (docs/spec clauses 8.3 and 9.7)."""
