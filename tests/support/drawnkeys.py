"""Keys of tests: the n-th that a file asks for is the same in every run.

So a property that is tried on certificates, documents and bundles of ours is tried on the same
bytes each time.  Only RSA keys are new in each run.
"""

from __future__ import annotations

import hashlib
import sys
from collections import Counter
from pathlib import Path
from types import CodeType
from typing import Final

from cryptography.hazmat.primitives.asymmetric import ec, ed25519

from etitle.keys.signer import SoftSigner
from etitle.keys.suite import EDDSA, Suite

_SUPPORT: Final = str(Path(__file__).parent)
_asked: Final = Counter[str]()


def octets() -> bytes:
    """32 bytes for the test file that asks, through whichever makers."""
    frame = sys._getframe(1)  # who asks is the point
    while frame.f_back is not None and _is_maker(frame.f_code):
        frame = frame.f_back
    asker = "/".join(Path(frame.f_code.co_filename).parts[-2:])
    _asked[asker] += 1
    return hashlib.sha256(f"etitle test key {asker} {_asked[asker]}".encode()).digest()


def _is_maker(code: CodeType) -> bool:
    return code.co_filename.startswith(_SUPPORT) and code.co_name != "<module>"


def p256() -> ec.EllipticCurvePrivateKey:
    """A P-256 key."""
    return ec.derive_private_key(int.from_bytes(octets(), "big") >> 1, ec.SECP256R1())


def edwards() -> ed25519.Ed25519PrivateKey:
    """An Ed25519 key."""
    return ed25519.Ed25519PrivateKey.from_private_bytes(octets())


def signer(suite: Suite) -> SoftSigner:
    """A signer of a suite."""
    return SoftSigner(edwards() if suite is EDDSA else p256())
