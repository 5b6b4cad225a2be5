"""What a verifier keeps: a folder of trust, its updates and its alarms."""
