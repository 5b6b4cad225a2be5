"""Tokens in QR codes: frame, code text, symbol, reading."""
