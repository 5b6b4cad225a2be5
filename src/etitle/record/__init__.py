"""Records from outside: cells, headings, rules, findings."""
