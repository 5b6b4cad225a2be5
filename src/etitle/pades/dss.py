"""Validation data and the document security store that carries it (EN 319 142-1 §5.4.2)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

EXTENSIONS: Final = b"/Extensions << /ESIC << /BaseVersion /1.7 /ExtensionLevel 5 >> >>"
"""ISO 32000-1 lacks DSS and document time-stamps: names the extension that has them."""


@dataclass(frozen=True, slots=True)
class ValidationData:
    """Evidence for long-term validation (EN 319 142-1 §5.4.2), each item DER.

    Attributes:
        x509s: X.509 certificates.
        crls: certificate revocation lists.
        ocsps: OCSP responses.
    """

    x509s: tuple[bytes, ...] = ()
    crls: tuple[bytes, ...] = ()
    ocsps: tuple[bytes, ...] = ()
