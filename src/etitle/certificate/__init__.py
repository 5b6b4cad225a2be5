"""What is certified."""
