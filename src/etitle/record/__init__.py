"""The door for outside records: cells, headings, rules, findings."""
