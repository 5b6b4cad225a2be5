"""What is said in a QR code."""
