"""The closed registry of signature suites: each is one curve, one hash, one signature form.

Identifiers are the fully specified ones of RFC 9864 (docs/adr/0004-algorithm-identifiers.md).
No format may assume one curve or hash: this module has every difference between suites.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

_P256_ORDER: Final = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
"""Order of the P-256 base point (FIPS 186-5, SP 800-186 §3.2.1.3)."""


@dataclass(frozen=True, slots=True)
class Suite:
    """One way to sign.

    Attributes:
        name: as written in configuration and reports.
        alg: COSE algorithm identifier (RFC 9864).
        key_type: COSE key type (RFC 9053 §7): 1 OKP, 2 EC2.
        curve: COSE elliptic curve (RFC 9053 §7.1): 1 P-256, 6 Ed25519.
        frame: the suite's nibble in a code's format byte (docs/spec clause 4.2).
        signature_bytes: length of the only accepted signature form.
        order: order of the base point where the suite demands low S, else 0.
    """

    name: str
    alg: int
    key_type: int
    curve: int
    frame: int
    signature_bytes: int
    order: int

    def is_canonical(self, signature: bytes) -> bool:
        """Whether a signature has the one accepted form (docs/spec clause 3.3).

        ECDSA signatures (r, s) and (r, n - s) verify alike; only the one with s ≤ n/2 is
        accepted.  Ed25519 (RFC 8032 §5.1.7) has one S already.
        """
        if len(signature) != self.signature_bytes:
            return False
        return not self.order or int.from_bytes(signature[32:], "big") <= self.order >> 1


ES256: Final = Suite(
    name="ES256", alg=-9, key_type=2, curve=1, frame=1, signature_bytes=64, order=_P256_ORDER
)
"""ECDSA, P-256, SHA-256 (ESP256 of RFC 9864): the default."""

EDDSA: Final = Suite(
    name="EdDSA", alg=-19, key_type=1, curve=6, frame=2, signature_bytes=64, order=0
)
"""Ed25519 (RFC 8032; Ed25519 of RFC 9864)."""

SUITES: Final = (ES256, EDDSA)
BY_NAME: Final = {suite.name: suite for suite in SUITES}
BY_ALG: Final[dict[int | str, Suite]] = {suite.alg: suite for suite in SUITES}
BY_FRAME: Final = {suite.frame: suite for suite in SUITES}
