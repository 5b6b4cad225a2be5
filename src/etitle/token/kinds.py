"""What a file is, by its content; a light file, for every program that verifies reads it."""

from __future__ import annotations

from typing import Final

PDF: Final = b"%PDF-"

HEADER_BYTES: Final = 1024
"""Within these a viewer looks for a PDF's header (docs/spec clause 9.9)."""


def is_pdf(data: bytes) -> bool:
    """Whether a file is a PDF to any viewer, whatever else it is.

    >>> is_pdf(b"%PDF-1.7"), is_pdf(bytes(1019) + b"%PDF-"), is_pdf(bytes(1020) + b"%PDF-")
    (True, True, False)
    """
    return data.find(PDF, 0, HEADER_BYTES) >= 0
